import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { applySteps, INBOX, INBOX_LIVE, type Inbox, type InboxLive, type Watch } from './inbox';
import { resumingClient } from './resume';

const query = gql(INBOX);

/** Keeps the answer to a query in the cache up to date: whatever shows it, such as `useQuery`, shows it at once. */
function keepInbox(client: ApolloClient, fail: (error: unknown) => void) {
  const live = client.subscribe<InboxLive>({ query: gql(INBOX_LIVE), fetchPolicy: 'no-cache' });
  return live.subscribe(({ data, error }) => {
    if (!data) return fail(error);
    const { conversationsLive: payload } = data;
    const before = client.readQuery<Inbox>({ query })?.conversations.nodes ?? [];
    const conversations = {
      __typename: 'ConversationConnection',
      totalCount: payload.totalCount,
      nodes: applySteps(before, payload),
    };
    client.writeQuery<Inbox>({ query, data: { conversations } });
  });
}

export const watch: Watch = (url, show, fail) => {
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(resumingClient({ url: url.replace('http', 'ws') })),
      new HttpLink({ uri: url }),
    ),
    cache: new InMemoryCache(),
  });
  const kept = keepInbox(client, fail);
  const shown = client
    .watchQuery<Inbox>({ query, fetchPolicy: 'cache-only' })
    .subscribe(({ data, dataState }) => dataState === 'complete' && show(data.conversations.nodes));
  return () => {
    shown.unsubscribe();
    kept.unsubscribe();
  };
};
