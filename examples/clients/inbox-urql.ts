import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { filter, map, pipe, scan, subscribe } from 'wonka';
import { applySteps, INBOX_LIVE, type Conversation, type InboxLive, type Watch } from './inbox';
import { resumingClient } from './resume';

/** The rows whenever they have changed. In React: `useSubscription({ query: INBOX_LIVE }, nextRows)`. */
const nextRows = (rows: Conversation[] = [], data: InboxLive) => applySteps(rows, data.conversationsLive);

export const watch: Watch = (url, show, fail) => {
  const live = resumingClient({ url: url.replace('http', 'ws') });
  const subscriptions = subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({ unsubscribe: live.subscribe<any, any>({ query, variables }, sink) }),
    }),
  });
  const client = new Client({ url, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange, subscriptions] });
  const shown = pipe(
    client.subscription<InboxLive>(INBOX_LIVE, {}),
    map(({ data, error }) => data ?? fail(error)),
    filter((data) => data !== undefined),
    scan((rows, data) => nextRows(rows, data), [] as Conversation[]),
    subscribe(show),
  );
  return shown.unsubscribe;
};
