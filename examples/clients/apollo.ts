import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { resumingClient } from '@deskgraph/client';
import { OperationTypeNode } from 'graphql';
import { MESSAGES, type Follow, type Messages } from './messages';

export const follow: Follow = (url, after, show, fail) => {
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(resumingClient({ url: url.replace('http', 'ws') })),
      new HttpLink({ uri: url }),
    ),
    cache: new InMemoryCache(),
  });
  const messages = client.subscribe<Messages>({ query: gql(MESSAGES), variables: { after } });
  const subscription = messages.subscribe(({ data, error }) => (data ? show(data.messageAdded.message) : fail(error)));
  return () => subscription.unsubscribe();
};
