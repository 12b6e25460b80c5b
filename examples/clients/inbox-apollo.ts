import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { applySteps, resumingClient } from '@deskgraph/client';
import { keepQuery } from '@deskgraph/client/apollo';
import { OperationTypeNode } from 'graphql';
import { INBOX, INBOX_LIVE, type Inbox, type InboxLive, type Watch } from './inbox';

const query = gql(INBOX);

/** Whatever shows the query, such as `useQuery`, then shows each change at once. */
const keepInbox = (client: ApolloClient, fail: (error: unknown) => void) =>
  keepQuery<Inbox, InboxLive>(client, {
    query,
    live: gql(INBOX_LIVE),
    update: (before, { conversationsLive }) => ({
      conversations: {
        __typename: 'ConversationConnection',
        totalCount: conversationsLive.totalCount,
        nodes: applySteps(before?.conversations.nodes ?? [], conversationsLive),
      },
    }),
    fail,
  });

export const watch: Watch = (url, show, fail) => {
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(resumingClient({ url: url.replace('http', 'ws') })),
      new HttpLink({ uri: url }),
    ),
    cache: new InMemoryCache(),
  });
  const leave = keepInbox(client, fail);
  const shown = client
    .watchQuery<Inbox>({ query, fetchPolicy: 'cache-only' })
    .subscribe(({ data, dataState }) => dataState === 'complete' && show(data.conversations.nodes));
  return () => {
    shown.unsubscribe();
    leave();
  };
};
