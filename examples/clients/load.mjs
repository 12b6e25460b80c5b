// Loads a recipe, which is TypeScript for browsers, into Node.js.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import WebSocket from 'ws';

// Built into Node.js from version 22 on.
globalThis.WebSocket ??= WebSocket;

export async function load(recipe) {
  const entryPoints = [fileURLToPath(new URL(`${recipe}.ts`, import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', platform: 'browser', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}
