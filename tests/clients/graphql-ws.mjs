// The official graphql-ws client against a running gateway: node graphql-ws.mjs BASE_URL N
//
// Prints one line of JSON per step. After the first line, {"head"}, it waits for messages: N of them reach the first
// client, {"received"}, and the N that follow reach a second client that resumes at the last cursor, {"resumed"}.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const SUBSCRIPTION = `subscription ($after: String) {
  messageAdded(after: $after) { cursor message { id text } }
}`;

const [base, count] = [process.argv[2], Number(process.argv[3])];
if (!base || !(count > 0)) throw new Error('usage: node graphql-ws.mjs BASE_URL N');
const url = `${base.replace(/^http/, 'ws').replace(/\/$/, '')}/graphql`;

const print = (step) => console.log(JSON.stringify(step));
const connect = () => createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
const once = async (client, request) => (await client.iterate(request).next()).value;

const patience = setTimeout(() => {
  console.error('gave up after a minute');
  process.exit(1);
}, 60_000);

// Takes the requested number of messages, then ends the subscription, which closes the socket.
async function take(client, after) {
  const taken = [];
  for await (const { data, errors } of client.iterate({ query: SUBSCRIPTION, variables: { after } })) {
    if (errors) throw new Error(JSON.stringify(errors));
    taken.push(data.messageAdded);
    if (taken.length === count) break;
  }
  return taken;
}

const first = connect();
const { head } = (await once(first, { query: '{ head }' })).data;
const refused = await once(first, { query: '{ noSuchField }' }).catch((errors) => errors);
print({ head, refused: refused.map(({ message }) => message) });

const received = await take(first, head);
print({ received });
await first.dispose();

const second = connect();
print({ resumed: await take(second, received.at(-1).cursor) });
await second.dispose();
clearTimeout(patience);
