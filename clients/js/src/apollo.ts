import type { ApolloClient, DocumentNode, OperationVariables, TypedDocumentNode } from '@apollo/client';

export interface KeptQuery<Data, Live, Variables extends OperationVariables> {
  /** The query that components use, for example with `useQuery`. */
  query: DocumentNode | TypedDocumentNode<Data, Variables>;
  /** The live page that keeps its answer up to date. Declares the variables of the query, and `$after`. */
  live: DocumentNode | TypedDocumentNode<Live, Variables & { after?: string | null }>;
  variables?: Variables | undefined;
  /** Returns the query's answer after a payload. `before` is null until there is an answer. */
  update: (before: Data | null, payload: Live) => Data;
  /** Called when the subscription has ended with an error. */
  fail: (error: unknown) => void;
}

/** Keeps a query's answer in the cache up to date for all components. Returns a function that stops the updates. */
export function keepQuery<Data, Live, Variables extends OperationVariables = OperationVariables>(
  client: ApolloClient,
  { query, live, variables, update, fail }: KeptQuery<Data, Live, Variables>,
): () => void {
  // Bypasses the cache, which would merge the steps of different payloads.
  const payloads = client.subscribe<Live, any>({ query: live, variables, fetchPolicy: 'no-cache' });
  const kept = payloads.subscribe(({ data, error }) => {
    if (!data) return fail(error);
    const before = client.readQuery<Data, any>({ query, variables });
    client.writeQuery<Data, any>({ query, variables, data: update(before, data as Live) as any });
  });
  return () => kept.unsubscribe();
}
