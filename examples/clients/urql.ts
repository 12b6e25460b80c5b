import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { MESSAGES, type Follow, type Messages } from './messages';
import { resumingClient } from './resume';

export const follow: Follow = (url, after, show, fail) => {
  const live = resumingClient({ url: url.replace('http', 'ws') });
  const subscriptions = subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({ unsubscribe: live.subscribe<any, any>({ query, variables }, sink) }),
    }),
  });
  const client = new Client({ url, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange, subscriptions] });
  const messages = client.subscription<Messages>(MESSAGES, { after });
  const subscription = messages.subscribe(({ data, error }) => (data ? show(data.messageAdded.message) : fail(error)));
  return () => subscription.unsubscribe();
};
