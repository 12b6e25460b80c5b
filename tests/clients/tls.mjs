// fetch and the official graphql-ws client over TLS: node tls.mjs BASE_URL KEY WEBHOOK_SECRET PAYLOAD
//
// Node.js trusts the authority in NODE_EXTRA_CA_CERTS. Prints {"untrusted"} and ends if it does not trust the gateway's
// certificate. Else it prints the responses to a client without credentials, {"anonymous"}; then, as one line each, the response
// to a query, {"head"}, the status of a signed delivery, {"delivered"}, and what the subscription receives, {"received"}.

import { createClient } from 'graphql-ws';
import { Webhook } from 'standardwebhooks';
import WebSocket from 'ws';

const [base, key, secret, payload] = process.argv.slice(2);
if (!payload) throw new Error('usage: node tls.mjs BASE_URL KEY WEBHOOK_SECRET PAYLOAD');
const url = `${base.replace(/^https/, 'wss')}/graphql`;
const authorization = `Bearer ${key}`;

const print = (step) => console.log(JSON.stringify(step));
const patience = setTimeout(() => {
  console.error('gave up after a minute');
  process.exit(1);
}, 60_000);

const query = (headers) =>
  fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ head }' }),
  });
const deliver = (headers) => fetch(`${base}/webhooks/message-sent`, { method: 'POST', headers, body: payload });
const connect = (connectionParams) => createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });

let refused;
try {
  refused = await query({});
} catch (error) {
  print({ untrusted: error.cause.code });
  process.exit(0);
}
const closed = await connect().iterate({ query: '{ head }' }).next().catch((close) => close);
print({ anonymous: { query: refused.status, delivery: (await deliver({})).status, socket: closed.code } });

const { head } = (await (await query({ authorization })).json()).data;
print({ head });

const client = connect({ authorization });
const subscription = `subscription ($after: String) { messageAdded(after: $after) { message { text } } }`;
const received = client.iterate({ query: subscription, variables: { after: head } }).next();
const now = new Date();
const delivered = await deliver({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
  'webhook-signature': new Webhook(secret).sign('msg_1', now, payload),
});
print({ delivered: delivered.status });
print({ received: (await received).value.data.messageAdded.message.text });
await client.dispose();
clearTimeout(patience);
