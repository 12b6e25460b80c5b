// What of a new schema breaks clients of an old one, and whether a changelog says so:
//
//   node breaking.mjs OLD NEW CHANGELOG
//
// Prints one line of JSON, {"breaking": [{"path","message","isNamed"}]}. A change is named if the section "Unreleased" has its
// path in backticks: `Customer.phone`, `Query.customers.first`, `Platform.WEB`.

import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { readFileSync } from 'node:fs';

const [before, after, changelog] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
if (changelog === undefined) throw new Error('usage: node breaking.mjs OLD NEW CHANGELOG');
const unreleased = /^## Unreleased$(.*?)(?=^## |(?![^]))/ms.exec(changelog)?.[1];
if (unreleased === undefined) throw new Error('the changelog has no section "## Unreleased"');
const changes = await diff(buildSchema(before), buildSchema(after));
const breaking = changes
  .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
  .map(({ path, message }) => ({ path: path ?? '', message, isNamed: unreleased.includes(`\`${path ?? message}\``) }));
console.log(JSON.stringify({ breaking }));
