// Queries go over HTTP, subscriptions over one WebSocket to the same address, opened with the first of them.
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
  // A restarted server is found again, however long it was away.
  retryAttempts: Infinity,
  retryWait: retries => new Promise(resolve => setTimeout(resolve, Math.min(250 * 2 ** retries, LONGEST_WAIT_MS))),
});

const send = createGraphiQLFetcher({ url: address.href, wsClient, enableIncrementalDelivery: false });

// GraphiQL notes a document's operations a moment after it changed. Who presses play sooner, right after a change of
// tabs, would send the former tab's operation name with this tab's query: what counts is the query as it is sent.
export function fetcher(params, options) {
  let documentAST;
  try {
    documentAST = parse(params.query);
  } catch {
    return send(params, options); // The server says best what is wrong with it.
  }
  const operations = documentAST.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const operationName = operations.length === 1 ? operations[0].name?.value : params.operationName;
  return send({ ...params, operationName }, { ...options, documentAST });
}
