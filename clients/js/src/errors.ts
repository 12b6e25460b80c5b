interface Coded {
  extensions?: { code?: unknown; retryAfterSeconds?: unknown };
}

/** The GraphQL errors in what graphql-ws, urql and Apollo Client give as an error. */
function errorsIn(error: unknown): readonly Coded[] {
  if (Array.isArray(error)) return error;
  const { graphQLErrors, errors } = (error ?? {}) as { graphQLErrors?: Coded[]; errors?: Coded[] };
  return graphQLErrors ?? errors ?? [];
}

/**
 * Whether the cursor is not one of this gateway's log, because the database is another one or an older copy.
 * Then ask for everything again, and subscribe without a cursor.
 */
export function mustStartAgain(error: unknown): boolean {
  const codes: unknown[] = errorsIn(error).map(({ extensions }) => extensions?.code);
  return codes.includes('CURSOR_OF_ANOTHER_STORE') || codes.includes('CURSOR_AHEAD');
}

/** After how many seconds to try again, where the gateway could not answer just now. */
export function retryAfter(error: unknown): number | undefined {
  for (const { extensions } of errorsIn(error)) {
    if (extensions?.code !== 'UNAVAILABLE' && extensions?.code !== 'RATE_LIMITED') continue;
    return typeof extensions.retryAfterSeconds === 'number' ? extensions.retryAfterSeconds : 1;
  }
  return undefined;
}
