// Compiles the documents of this folder with Relay's compiler and with the client preset of GraphQL codegen, and what both made
// of them with TypeScript, strictly:
//
//   node accept.mjs
//
// Prints one line of JSON, {"relay": [names of artifacts], "codegen": [names of operations]}. Ends with an error if one of them
// refuses the schema.

import { generate } from '@graphql-codegen/cli';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const [artifacts, types] = [join(here, 'relay/__generated__'), join(here, 'codegen/gql')];
for (const folder of [artifacts, types]) rmSync(folder, { recursive: true, force: true });
mkdirSync(artifacts);
const run = (program, ...given) =>
  execFileSync(join(here, 'node_modules/.bin', program), given, { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] });

run('relay-compiler', '--output=quiet-with-errors', 'relay.config.json');
await generate(
  {
    cwd: here,
    schema: '../../schema.graphql',
    documents: ['codegen/app.ts'],
    silent: true,
    errorsOnly: true,
    generates: {
      'codegen/gql/': {
        preset: 'client',
        config: {
          strictScalars: true,
          scalars: { DateTime: 'string', JSON: 'unknown' },
          enumsAsTypes: true,
          useTypeImports: true,
        },
      },
    },
  },
  true,
);
run('tsc', '--project', '.');
const operations = [...readFileSync(join(types, 'graphql.ts'), 'utf8').matchAll(/^export const (\w+)Document\b/gm)];
console.log(JSON.stringify({ relay: readdirSync(artifacts).sort(), codegen: operations.map(([, name]) => name).sort() }));
