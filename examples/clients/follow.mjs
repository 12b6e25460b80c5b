// Follows new messages with one of the recipes: node follow.mjs RECIPE BASE_URL
//
// RECIPE is graphql-ws, apollo or urql. Prints one line of JSON each: the cursor to begin after, {"head"}, then every new
// message, until it is stopped.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import WebSocket from 'ws';

const [recipe, base] = process.argv.slice(2);
if (!base) throw new Error('usage: node follow.mjs graphql-ws|apollo|urql BASE_URL');
// Node.js has it by itself from version 22 on.
globalThis.WebSocket ??= WebSocket;

const entryPoints = [fileURLToPath(new URL(`${recipe}.ts`, import.meta.url))];
const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', platform: 'browser', write: false });
const { follow } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);

const print = (line) => console.log(JSON.stringify(line));
const url = `${base}/graphql`;
const headers = { 'content-type': 'application/json' };
const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: '{ head }' }) });
const { head } = (await answer.json()).data;
follow(url, head, print, (error) => {
  console.error(error);
  process.exit(1);
});
print({ head });
