import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { retryAfter } from './errors.js';

/** A graphql-ws client, usable wherever one is expected. */
export interface ResumingClient extends Client {
  /** Not supported: an iterator can't tell when a result has been consumed, so it can't resume. Use `subscribe`. */
  iterate: never;
}

const KEEP_ALIVE_MS = 20_000;
const ANSWER_WITHIN_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * A graphql-ws client whose subscriptions resume without a gap after the connection is lost. A subscription must declare the
 * variable `$after` and select `cursor`. Put credentials into `connectionParams`; if that is a function, it is called for each
 * connection.
 *
 * graphql-ws reconnects and sends each subscription again with the same variables object. So this client keeps the variable
 * `after` at the last cursor: that of the last result or, while nothing matches the filter, the one that the gateway's pings
 * carry by subscription id.
 */
export function resumingClient(options: ClientOptions): ResumingClient {
  let lastId = 0;
  const running = new Map<string, Record<string, unknown>>();
  const client = createClient({
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (retries) => sleep(Math.min(1000 * 2 ** retries, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2)),
    keepAlive: KEEP_ALIVE_MS,
    connectionAckWaitTimeout: ANSWER_WITHIN_MS,
    ...options,
    generateID: () => String(++lastId),
  });
  client.on('ping', (_, payload) => {
    for (const [id, cursor] of Object.entries(payload?.cursors ?? {})) {
      const variables = running.get(id);
      if (variables) variables.after = cursor;
    }
  });
  endWhenSilent(client);

  return {
    ...client,
    iterate: undefined as never,
    subscribe(request, sink) {
      const variables: Record<string, unknown> = { ...request.variables };
      let release: () => void;
      const start = () => {
        release = client.subscribe<any, any>({ ...request, variables }, {
          // Stored before the result is delivered, so that a result and its cursor can't get out of step.
          next(result) {
            for (const payload of Object.values<any>(result.data ?? {})) {
              if (typeof payload?.cursor === 'string') variables.after = payload.cursor;
            }
            sink.next(result);
          },
          error(error) {
            running.delete(id);
            const seconds = retryAfter(error);
            if (seconds === undefined) return sink.error(error);
            const waiting = setTimeout(start, seconds * 1000);
            release = () => {
              clearTimeout(waiting);
              sink.complete();
            };
          },
          complete() {
            running.delete(id);
            sink.complete();
          },
        });
        const id = String(lastId);
        running.set(id, variables);
      };
      start();
      return () => release();
    },
  };
}

/** Closes a connection that does not answer a ping: after a sleep or a lost network, the socket stays open. */
function endWhenSilent(client: Client) {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const answered = () => clearTimeout(waiting);
  client.on('ping', (received) => {
    if (received) return;
    answered();
    waiting = setTimeout(() => client.terminate(), ANSWER_WITHIN_MS);
  });
  client.on('pong', (received) => received && answered());
  client.on('closed', answered);
}
