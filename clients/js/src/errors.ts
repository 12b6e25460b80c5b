interface Coded {
  extensions?: { code?: unknown; retryAfterSeconds?: unknown };
}

/** The GraphQL errors in an error of graphql-ws, urql or Apollo Client. */
function errorsIn(error: unknown): readonly Coded[] {
  if (Array.isArray(error)) return error;
  const { graphQLErrors, errors } = (error ?? {}) as { graphQLErrors?: Coded[]; errors?: Coded[] };
  return graphQLErrors ?? errors ?? [];
}

/**
 * Whether the cursor does not belong to this gateway's log, because the database is another one or was restored from a backup.
 * In that case, fetch everything again and subscribe without a cursor.
 */
export function mustStartAgain(error: unknown): boolean {
  const codes: unknown[] = errorsIn(error).map(({ extensions }) => extensions?.code);
  return codes.includes('CURSOR_OF_ANOTHER_STORE') || codes.includes('CURSOR_AHEAD');
}

/** The number of seconds after which to retry; undefined if the error is not temporary. */
export function retryAfter(error: unknown): number | undefined {
  for (const { extensions } of errorsIn(error)) {
    if (extensions?.code !== 'UNAVAILABLE' && extensions?.code !== 'RATE_LIMITED') continue;
    return typeof extensions.retryAfterSeconds === 'number' ? extensions.retryAfterSeconds : 1;
  }
  return undefined;
}
