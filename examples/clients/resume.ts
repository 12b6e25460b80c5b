import { createClient, type Client, type ClientOptions } from 'graphql-ws';

/**
 * A graphql-ws client whose subscriptions go on after the last cursor they got, however often the connection is lost.
 *
 * graphql-ws opens a lost connection again and sends each subscription as it was given to it, variables and all. So the
 * variable `after` is kept at the last cursor. A subscription needs `$after` and selects `cursor`.
 */
export function resumingClient(options: ClientOptions): Client {
  const client = createClient({ retryAttempts: Infinity, shouldRetry: () => true, ...options });
  return {
    ...client,
    subscribe(request, sink) {
      const variables = { ...request.variables };
      return client.subscribe<any, any>({ ...request, variables }, {
        // Here, and not where results are shown: nothing may come between a result and its cursor.
        next(result) {
          for (const payload of Object.values<any>(result.data ?? {})) variables.after = payload.cursor;
          sink.next(result);
        },
        error: (error) => sink.error(error),
        complete: () => sink.complete(),
      });
    },
  };
}
