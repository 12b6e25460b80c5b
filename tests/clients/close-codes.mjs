// The official graphql-ws client, made to break the protocol: node close-codes.mjs BASE_URL
//
// Prints {"<violation>": <code>} for each reason for which a gateway closes a socket. The last one is printed when the gateway
// stops, which it may after {"open": true}.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const base = process.argv[2];
if (!base) throw new Error('usage: node close-codes.mjs BASE_URL');
const url = `${base.replace(/^http/, 'ws').replace(/\/$/, '')}/graphql`;
const SUBSCRIPTION = { query: 'subscription { messageAdded { cursor } }' };

const patience = setTimeout(() => {
  console.error('gave up after two minutes');
  process.exit(1);
}, 120_000);

// A socket that passes each message through `change` before sending it, and drops it if the result is empty.
const sending = (change) =>
  class extends WebSocket {
    send(message) {
      const changed = change(JSON.parse(message));
      if (changed !== undefined) super.send(changed);
    }
  };

// A socket that offers no sub-protocol.
class WithoutSubProtocol extends WebSocket {
  constructor(address) {
    super(address);
  }
}

// Runs one or two operations, and returns the code with which the socket is closed.
const closed = (options, operations = 1, opened = () => {}) =>
  new Promise((resolve) => {
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      shouldRetry: () => false,
      on: { closed: ({ code }) => resolve(code), connected: opened },
      ...options,
    });
    for (let n = 0; n < operations; n += 1) {
      client.subscribe(SUBSCRIPTION, { next() {}, error() {}, complete() {} });
    }
  });

const subscribe = JSON.stringify({ type: 'subscribe', id: '1', payload: SUBSCRIPTION });
const init = JSON.stringify({ type: 'connection_init' });
const cases = {
  'an unknown message type': () => closed({ webSocketImpl: sending(() => '{"type":"hello"}') }),
  'an operation before the acknowledgement': () => closed({ webSocketImpl: sending(() => subscribe) }),
  'no sub-protocol': () => closed({ webSocketImpl: WithoutSubProtocol }),
  'no connection_init': () => closed({ webSocketImpl: sending(() => undefined) }),
  'an id in use': () => closed({ generateID: () => 'same' }, 2),
  'a second connection_init': () => closed({}, 1, (socket) => socket.send(init)),
};
for (const [name, provoke] of Object.entries(cases)) console.log(JSON.stringify({ [name]: await provoke() }));
const stopped = closed({}, 1, () => console.log(JSON.stringify({ open: true })));
console.log(JSON.stringify({ 'the gateway stops': await stopped }));
clearTimeout(patience);
process.exit(0);
