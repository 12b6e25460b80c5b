// Queries use HTTP. Subscriptions share one WebSocket to the same address, which the first subscription opens. Both carry the
// credential; when it changes, the socket is closed, and what runs on it goes on over another one with the new credential.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { authorization, onChange } from './credential.js';

const address = new URL('/graphql', location.origin);
const socketAddress = new URL(address);
socketAddress.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';

const LONGEST_WAIT_MS = 10_000;
/** The close code for a credential that is refused: asking again with the same one is of no use. */
const REFUSED = 4403;

const wsClient = createClient({
  url: socketAddress.href,
  lazy: true,
  connectionParams: authorization,
  shouldRetry: closed => closed?.code !== REFUSED,
  // Reconnect no matter how long the server is down.
  retryAttempts: Infinity,
  retryWait: retries => new Promise(resolve => setTimeout(resolve, Math.min(250 * 2 ** retries, LONGEST_WAIT_MS))),
});

onChange(() => wsClient.terminate());

const sendAs = createGraphiQLFetcher({ url: address.href, wsClient, enableIncrementalDelivery: false });

/** Sends a request with the credential, unless the headers of its tab have one of their own. */
function send(params, options) {
  const headers = options?.headers ?? {};
  const hasOwn = Object.keys(headers).some(name => name.toLowerCase() === 'authorization');
  return sendAs(params, { ...options, headers: hasOwn ? headers : { ...authorization(), ...headers } });
}

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
