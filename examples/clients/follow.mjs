// Follows new messages with one of the recipes: node follow.mjs RECIPE BASE_URL
//
// RECIPE is graphql-ws, apollo or urql. Prints one line of JSON each: the start cursor, {"head"}, then every new
// message, until it is stopped.

import { load } from './load.mjs';

const [recipe, base] = process.argv.slice(2);
if (!base) throw new Error('usage: node follow.mjs graphql-ws|apollo|urql BASE_URL');
const { follow } = await load(recipe);

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
