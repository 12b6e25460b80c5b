// @deskgraph/client against a gateway that stops answering without closing anything: node silent.mjs BASE_URL
//
// Follows new messages. Prints one line of JSON each: {"connected"}, {"closed": code} and {"text"}, until it is stopped.

import WebSocket from 'ws';
import { resumingClient } from '../../clients/js/dist/index.js';

const [base] = process.argv.slice(2);
if (!base) throw new Error('usage: node silent.mjs BASE_URL');

const print = (line) => console.log(JSON.stringify(line));
const client = resumingClient({
  url: `${base.replace('http', 'ws')}/graphql`,
  webSocketImpl: WebSocket,
  keepAlive: 300,
  on: { connected: () => print({ connected: true }), closed: ({ code }) => print({ closed: code }) },
});
const answer = await fetch(`${base}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: '{ head }' }),
});
const { head } = (await answer.json()).data;
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
client.subscribe(
  { query: 'subscription ($after: String) { messageAdded(after: $after) { cursor message { text } } }', variables: { after: head } },
  { next: ({ data, errors }) => (data ? print({ text: data.messageAdded.message.text }) : fail(errors)), error: fail, complete: fail },
);
