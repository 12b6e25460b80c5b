import { resumingClient } from '@deskgraph/client';
import { forwardTo, rowsOf } from '@deskgraph/client/urql';
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { filter, map, pipe, scan, subscribe } from 'wonka';
import { INBOX_LIVE, type Conversation, type InboxLive, type Watch } from './inbox';

/** The rows after each payload. In React: `useSubscription({ query: INBOX_LIVE }, nextRows)`. */
const nextRows = rowsOf('conversationsLive');

export const watch: Watch = (url, show, fail) => {
  const subscriptions = subscriptionExchange(forwardTo(resumingClient({ url: url.replace('http', 'ws') })));
  const client = new Client({ url, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange, subscriptions] });
  const shown = pipe(
    client.subscription<InboxLive>(INBOX_LIVE, {}),
    map(({ data, error }) => data ?? fail(error)),
    filter((data) => data !== undefined),
    scan(nextRows<Conversation>, [] as Conversation[]),
    subscribe(show),
  );
  return shown.unsubscribe;
};
