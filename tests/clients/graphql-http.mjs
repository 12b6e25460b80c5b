// The official audits of the GraphQL-over-HTTP specification against a running gateway: node graphql-http.mjs BASE_URL
//
// Prints one line of JSON: how many audits there were, and those that found something: {"audits", "failed"}.

import { auditServer } from 'graphql-http';

const [base] = process.argv.slice(2);
if (!base) throw new Error('usage: node graphql-http.mjs BASE_URL');

const results = await auditServer({ url: `${base}/graphql` });
const failed = results.filter(({ status }) => status !== 'ok').map(({ id, name, status, reason }) => ({ id, name, status, reason }));
// What was refused before its body was read still has an answer open.
await Promise.all(results.map(({ response }) => response?.body?.cancel().catch(() => {})));
console.log(JSON.stringify({ audits: results.length, failed }));
