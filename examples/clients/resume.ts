import { createClient, type Client, type ClientOptions } from 'graphql-ws';

/**
 * A graphql-ws client whose subscriptions go on where they were, however often the connection is lost.
 *
 * graphql-ws opens a lost connection again and sends each subscription as it was given to it, variables and all. So the
 * variable `after` is kept at the last cursor: that of a result, or the one that a ping of the gateway tells by the id of the
 * subscription while nothing matches its filter. A subscription needs `$after` and selects `cursor`.
 */
export function resumingClient(options: ClientOptions): Client {
  let last = 0;
  const running = new Map<string, { after?: unknown }>();
  const client = createClient({
    retryAttempts: Infinity,
    shouldRetry: () => true,
    ...options,
    generateID: () => String(++last),
    on: {
      ...options.on,
      ping(received, payload) {
        const cursors = Object.entries(payload?.cursors ?? {});
        for (const [id, cursor] of cursors) Object.assign(running.get(id) ?? {}, { after: cursor });
        options.on?.ping?.(received, payload);
      },
    },
  });
  return {
    ...client,
    subscribe(request, sink) {
      const variables: Record<string, unknown> = { ...request.variables };
      const release = client.subscribe<any, any>({ ...request, variables }, {
        // Here, and not where results are shown: nothing may come between a result and its cursor.
        next(result) {
          for (const payload of Object.values<any>(result.data ?? {})) variables.after = payload.cursor;
          sink.next(result);
        },
        error: (error) => {
          running.delete(id);
          sink.error(error);
        },
        complete: () => {
          running.delete(id);
          sink.complete();
        },
      });
      const id = String(last);
      running.set(id, variables);
      return release;
    },
  };
}
