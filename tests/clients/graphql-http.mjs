// The official audits of the GraphQL-over-HTTP specification against a running gateway: node graphql-http.mjs BASE_URL
//
// Prints one line of JSON with the number of audits and the failed ones: {"audits", "failed"}.

import { auditServer } from 'graphql-http';

const [base] = process.argv.slice(2);
if (!base) throw new Error('usage: node graphql-http.mjs BASE_URL');

const results = await auditServer({ url: `${base}/graphql` });
const failed = results.filter(({ status }) => status !== 'ok').map(({ id, name, status, reason }) => ({ id, name, status, reason }));
// Requests that were refused before their body was read still have an open response.
await Promise.all(results.map(({ response }) => response?.body?.cancel().catch(() => {})));
console.log(JSON.stringify({ audits: results.length, failed }));
