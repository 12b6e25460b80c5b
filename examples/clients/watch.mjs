// Keeps an inbox with one of the recipes: node watch.mjs RECIPE BASE_URL
//
// RECIPE is inbox-apollo, inbox-urql or inbox-tanstack. Prints the rows as one line of JSON whenever they have changed, until
// it is stopped.

import { load } from './load.mjs';

const [recipe, base] = process.argv.slice(2);
if (!base) throw new Error('usage: node watch.mjs inbox-apollo|inbox-urql|inbox-tanstack BASE_URL');

const { watch } = await load(recipe);
const show = (rows) => console.log(JSON.stringify(rows));
watch(`${base}/graphql`, show, (error) => {
  console.error(error);
  process.exit(1);
});
