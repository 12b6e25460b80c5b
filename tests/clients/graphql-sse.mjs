// The official graphql-sse client against a running gateway, whose connections are cut: node graphql-sse.mjs BASE_URL N
//
// Prints one line of JSON per step. After the first line, {"head"}, it waits for messages. When N of them have come,
// {"received"}, its connection is cut; the client reconnects by itself with `Last-Event-ID`, and the N messages that follow
// arrive through the same subscription, {"resumed"}.

import { createClient } from 'graphql-sse';
import { connect, createServer } from 'node:net';

const SUBSCRIPTION = `subscription ($after: String) {
  messageAdded(after: $after) { cursor message { id text } }
}`;

const [base, count] = [process.argv[2], Number(process.argv[3])];
if (!base || !(count > 0)) throw new Error('usage: node graphql-sse.mjs BASE_URL N');

const print = (step) => console.log(JSON.stringify(step));
const patience = setTimeout(() => {
  console.error('gave up after a minute');
  process.exit(1);
}, 60_000);

// All traffic goes through a relay, so that it can be cut.
const sockets = new Set();
const relay = createServer((client) => {
  const gateway = connect(Number(new URL(base).port), new URL(base).hostname);
  for (const [one, other] of [[client, gateway], [gateway, client]]) {
    sockets.add(one);
    one.pipe(other);
    one.on('error', () => other.destroy()).on('close', () => sockets.delete(one));
  }
});
await new Promise((listening) => relay.listen(0, '127.0.0.1', listening));
const cut = () => sockets.forEach((socket) => socket.destroy());

let last;
let connections = 0;
const client = createClient({
  url: `http://127.0.0.1:${relay.address().port}/graphql`,
  headers: () => (last ? { 'last-event-id': last } : {}),
  retry: async () => {},
  on: { connected: () => (connections += 1) },
});

const once = async (request) => (await client.iterate(request).next()).value;
const { head } = (await once({ query: '{ head }' })).data;
const refused = (await once({ query: '{ noSuchField }' })).errors;
print({ head, refused: refused.map(({ message }) => message) });

connections = 0;
let taken = [];
for await (const { data, errors } of client.iterate({ query: SUBSCRIPTION, variables: { after: head } })) {
  if (errors) throw new Error(JSON.stringify(errors));
  last = data.messageAdded.cursor;
  taken.push(data.messageAdded);
  if (taken.length < count) continue;
  print({ [connections === 1 ? 'received' : 'resumed']: taken });
  if (connections > 1) break;
  taken = [];
  cut();
}
client.dispose();
cut();
relay.close();
clearTimeout(patience);
