// What @deskgraph/client makes of payloads that no gateway should send, and of errors: node applied.mjs

import assert from 'node:assert/strict';
import { applySteps, mustStartAgain } from '../../clients/js/dist/index.js';

const rows = [{ id: 'a' }, { id: 'b' }];
const step = (kind, id) => applySteps(rows, { page: null, steps: [{ kind, id, afterId: null, node: { id } }] });
for (const kind of ['UPDATED', 'MOVED', 'LEFT']) assert.throws(() => step(kind, 'x'), /x, which is not a row of the page/);
assert.deepEqual(step('ENTERED', 'x'), [{ id: 'x' }, ...rows]);
assert.deepEqual(applySteps(rows, { page: [], steps: [] }), []);
assert.equal(applySteps(rows, { page: null, steps: [] })[0], rows[0], 'rows that no step is about stay the same objects');

const coded = (code) => [{ message: '', extensions: { code } }];
for (const code of ['CURSOR_OF_ANOTHER_STORE', 'CURSOR_AHEAD']) {
  assert.ok(mustStartAgain(coded(code)), 'graphql-ws');
  assert.ok(mustStartAgain({ graphQLErrors: coded(code) }), 'urql');
  assert.ok(mustStartAgain({ errors: coded(code) }), 'Apollo Client');
}
for (const other of [coded('FORBIDDEN'), new Error('no'), undefined, null, { code: 1006, reason: '' }]) assert.ok(!mustStartAgain(other));
console.log(JSON.stringify({ ok: true }));
