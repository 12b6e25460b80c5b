// Loads a recipe, which is TypeScript for browsers, into Node.js.

import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import WebSocket from 'ws';

// Node.js has it by itself from version 22 on.
globalThis.WebSocket ??= WebSocket;

export async function load(recipe) {
  const bundle = await rolldown({ input: fileURLToPath(new URL(`${recipe}.ts`, import.meta.url)), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm' });
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
}
