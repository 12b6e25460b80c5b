// @deskgraph/client against a gateway that refuses for a while: node refused.mjs BASE_URL
//
// Uses up what an anonymous client may ask for, then subscribes. Prints one line of JSON: how often it has sent its
// subscription until the page came, and what it was told of errors meanwhile.

import WebSocket from 'ws';
import { resumingClient } from '../../clients/js/dist/index.js';

const [base] = process.argv.slice(2);
if (!base) throw new Error('usage: node refused.mjs BASE_URL');

const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: '{ customers(first: 99) { nodes { id } } }' });
while ((await fetch(`${base}/graphql`, { method: 'POST', headers, body })).status === 200);

let sent = 0;
class Counted extends WebSocket {
  send(text, ...rest) {
    if (JSON.parse(text).type === 'subscribe') sent += 1;
    super.send(text, ...rest);
  }
}
const client = resumingClient({ url: `${base.replace('http', 'ws')}/graphql`, webSocketImpl: Counted });
const errors = [];
const query = 'subscription { conversationsLive(first: 20) { cursor page { id } steps { kind } } }';
const leave = client.subscribe(
  { query },
  {
    next(result) {
      console.log(JSON.stringify({ sent, errors, page: result.data.conversationsLive.page }));
      leave();
    },
    error: (error) => errors.push(error),
    complete: () => {},
  },
);
