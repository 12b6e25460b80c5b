// Bundles the page into `dist`, or the folder named as the first argument:
//   index.html   the page, naming its script and style by their hashed names
//   ui/*.gz      everything it loads, named by a hash of its content and stored compressed, as it is served
import { readFile, readdir, rm, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build } from 'esbuild';

const ADDRESS = '/ui/';
const out = process.argv[2] ?? 'dist';
const assets = join(out, 'ui');

const shared = {
  bundle: true,
  minify: true,
  target: 'es2022',
  outdir: assets,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  logLevel: 'warning',
};

// GraphiQL's own style sheet holds Monaco's styles; those that Monaco's modules import one by one would double them.
const withoutMonacoStyles = {
  name: 'without-monaco-styles',
  setup: ({ onLoad }) => onLoad({ filter: /[\\/]monaco-editor[\\/].*\.css$/ }, () => ({ contents: '' })),
};

/** The address and the output of the bundle made from `entryPoint`. */
function bundleOf({ outputs }, entryPoint) {
  const [file, output] = Object.entries(outputs).find(([, output]) => output.entryPoint === entryPoint);
  return { address: ADDRESS + basename(file), ...output };
}

/** Bundles each worker, and returns the constants by which the page names them. */
async function bundleWorkers() {
  const workers = {
    editor: 'node_modules/monaco-editor/esm/vs/editor/editor.worker.js',
    graphql: 'node_modules/monaco-graphql/esm/graphql.worker.js',
    json: 'node_modules/monaco-editor/esm/vs/language/json/json.worker.js',
  };
  const { metafile } = await build({ ...shared, entryPoints: Object.values(workers), format: 'iife' });
  return Object.fromEntries(
    Object.entries(workers).map(([name, entryPoint]) => [
      `WORKER_${name.toUpperCase()}`,
      JSON.stringify(bundleOf(metafile, entryPoint).address),
    ]),
  );
}

/** Bundles the page, and returns the addresses of its script and its style. */
async function bundlePage(constants) {
  const entryPoint = 'src/main.jsx';
  const { metafile } = await build({
    ...shared,
    entryPoints: [entryPoint],
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    // GraphiQL imports these by old names that lead to CommonJS, which loses its named exports in a split bundle.
    alias: { 'prettier/parser-babel': 'prettier/plugins/babel', 'prettier/parser-graphql': 'prettier/plugins/graphql' },
    loader: { '.graphql': 'text' },
    define: { ...shared.define, ...constants },
    plugins: [withoutMonacoStyles],
  });
  const { address, cssBundle } = bundleOf(metafile, entryPoint);
  return { script: address, style: ADDRESS + basename(cssBundle) };
}

/** Leaves each asset in its compressed form alone. */
async function compressAssets() {
  const compress = promisify(gzip);
  const files = await readdir(assets);
  await Promise.all(
    files.map(async name => {
      const file = join(assets, name);
      await writeFile(`${file}.gz`, await compress(await readFile(file), { level: 9 }));
      await rm(file);
    }),
  );
}

await rm(out, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
const constants = await bundleWorkers();
const { script, style } = await bundlePage(constants);
await compressAssets();
const page = await readFile('index.html', 'utf8');
await writeFile(join(out, 'index.html'), page.replace('/ui/main.js', script).replace('/ui/main.css', style));
