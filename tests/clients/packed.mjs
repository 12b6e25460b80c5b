// What `npm pack` puts into @deskgraph/client: node packed.mjs
//
// Prints the paths as one line of JSON, and fails where an entry point is not among them.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../clients/js/', import.meta.url));
const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' });
const answer = JSON.parse(packed);
// npm 11 gives an object by the name of the package, older ones a list.
const { files } = Object.values(answer)[0];
const paths = files.map(({ path }) => path).sort();
for (const entry of Object.values(JSON.parse(readFileSync(`${folder}package.json`, 'utf8')).exports)) {
  if (!paths.includes(entry.replace('./', ''))) throw new Error(`${entry} is not packed`);
}
console.log(JSON.stringify(paths));
