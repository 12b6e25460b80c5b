import type { ApolloClient, DocumentNode, OperationVariables, TypedDocumentNode } from '@apollo/client';

export interface KeptQuery<Data, Live, Variables extends OperationVariables> {
  /** What components show, with `useQuery` for example. */
  query: DocumentNode | TypedDocumentNode<Data, Variables>;
  /** The live page that keeps it up to date. Its variables are those of the query, and `$after`. */
  live: DocumentNode | TypedDocumentNode<Live, Variables & { after?: string | null }>;
  variables?: Variables | undefined;
  /** The answer to the query after a payload. `before` is null as long as there is none. */
  update: (before: Data | null, payload: Live) => Data;
  /** Is told when the subscription has ended with an error. */
  fail: (error: unknown) => void;
}

/** Keeps the answer to a query in the cache up to date, whoever shows it. Calling what it gives ends that. */
export function keepQuery<Data, Live, Variables extends OperationVariables = OperationVariables>(
  client: ApolloClient,
  { query, live, variables, update, fail }: KeptQuery<Data, Live, Variables>,
): () => void {
  // Without the cache, which would merge the steps of one payload into those of another.
  const payloads = client.subscribe<Live, any>({ query: live, variables, fetchPolicy: 'no-cache' });
  const kept = payloads.subscribe(({ data, error }) => {
    if (!data) return fail(error);
    const before = client.readQuery<Data, any>({ query, variables });
    client.writeQuery<Data, any>({ query, variables, data: update(before, data as Live) as any });
  });
  return () => kept.unsubscribe();
}
