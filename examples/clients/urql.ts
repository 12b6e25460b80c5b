import { resumingClient } from '@deskgraph/client';
import { forwardTo } from '@deskgraph/client/urql';
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { MESSAGES, type Follow, type Messages } from './messages';

export const follow: Follow = (url, after, show, fail) => {
  const subscriptions = subscriptionExchange(forwardTo(resumingClient({ url: url.replace('http', 'ws') })));
  const client = new Client({ url, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange, subscriptions] });
  const messages = client.subscription<Messages>(MESSAGES, { after });
  const subscription = messages.subscribe(({ data, error }) => (data ? show(data.messageAdded.message) : fail(error)));
  return () => subscription.unsubscribe();
};
