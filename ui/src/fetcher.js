// Queries use HTTP. Subscriptions share one WebSocket to the same address, which the first subscription opens.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';
import { createClient } from 'graphql-ws';

const address = new URL('/graphql', location.origin);
const socketAddress = new URL(address);
socketAddress.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';

const LONGEST_WAIT_MS = 10_000;

const wsClient = createClient({
  url: socketAddress.href,
  lazy: true,
  // Reconnect no matter how long the server is down.
  retryAttempts: Infinity,
  retryWait: retries => new Promise(resolve => setTimeout(resolve, Math.min(250 * 2 ** retries, LONGEST_WAIT_MS))),
});

const send = createGraphiQLFetcher({ url: address.href, wsClient, enableIncrementalDelivery: false });

// GraphiQL updates its list of operations with a delay after the document changes. Pressing play right after a change of
// tabs would send the previous tab's operation name, so the operation name is read from the query that is sent.
export function fetcher(params, options) {
  let documentAST;
  try {
    documentAST = parse(params.query);
  } catch {
    return send(params, options); // The server reports the syntax error.
  }
  const operations = documentAST.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const operationName = operations.length === 1 ? operations[0].name?.value : params.operationName;
  return send({ ...params, operationName }, { ...options, documentAST });
}
