// @deskgraph/client against a gateway that is killed while nothing matches: node progress.mjs BASE_URL
//
// Prints one line of JSON each: {"after"} for each subscription that it sends, {"progress"} for each cursor in a ping, and
// {"text"} for each message. It follows messages whose text is `rare`, until it is stopped.

import WebSocket from 'ws';
import { resumingClient } from '../../clients/js/dist/index.js';

const [base] = process.argv.slice(2);
if (!base) throw new Error('usage: node progress.mjs BASE_URL');

const print = (line) => console.log(JSON.stringify(line));

/** Prints the variable `after` of each subscription. */
class PrintingWebSocket extends WebSocket {
  send(text, ...rest) {
    const { type, payload } = JSON.parse(text);
    if (type === 'subscribe') print({ after: payload.variables.after });
    super.send(text, ...rest);
  }
}

const query = `subscription ($after: String) {
  messageAdded(after: $after, filter: { text: { eq: "rare" } }) { cursor message { text } }
}`;
const answer = await fetch(`${base}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: '{ head }' }),
});
const { head } = (await answer.json()).data;
const client = resumingClient({
  url: `${base.replace('http', 'ws')}/graphql`,
  webSocketImpl: PrintingWebSocket,
  on: { ping: (received, payload) => received && print({ progress: Object.values(payload?.cursors ?? {})[0] }) },
});
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
const next = ({ data, errors }) => (data ? print({ text: data.messageAdded.message.text }) : fail(errors));
client.subscribe({ query, variables: { after: head } }, { next, error: fail, complete: fail });
