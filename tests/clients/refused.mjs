// @deskgraph/client against a gateway that refuses for a while: node refused.mjs BASE_URL
//
// Uses up the allowance of an anonymous client, then subscribes. Prints one line of JSON, {"sent", "errors", "page"}: how often
// the subscription was sent before the page arrived, and the errors that were reported until then.

import WebSocket from 'ws';
import { resumingClient } from '../../clients/js/dist/index.js';

const [base] = process.argv.slice(2);
if (!base) throw new Error('usage: node refused.mjs BASE_URL');

const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: '{ customers(first: 99) { nodes { id } } }' });
while ((await fetch(`${base}/graphql`, { method: 'POST', headers, body })).status === 200);

let sent = 0;
class CountingWebSocket extends WebSocket {
  send(text, ...rest) {
    if (JSON.parse(text).type === 'subscribe') sent += 1;
    super.send(text, ...rest);
  }
}
const client = resumingClient({ url: `${base.replace('http', 'ws')}/graphql`, webSocketImpl: CountingWebSocket });
const errors = [];
const query = 'subscription { conversationsLive(first: 20) { cursor page { id } steps { kind } } }';
const unsubscribe = client.subscribe(
  { query },
  {
    next(result) {
      console.log(JSON.stringify({ sent, errors, page: result.data.conversationsLive.page }));
      unsubscribe();
    },
    error: (error) => errors.push(error),
    complete: () => {},
  },
);
