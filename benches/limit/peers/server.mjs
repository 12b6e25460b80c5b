// One of the peers as two processes behind one free port, which it prints: `DATABASE_URL=… node server.mjs yoga`

import cluster from 'node:cluster';
import { createServer } from 'node:http';

const WORKERS = 2;

if (cluster.isPrimary) {
  // Read when the libraries are imported, which the workers do.
  Object.assign(process.env, { NODE_ENV: 'production', GRAPHILE_ENV: 'production' });
  let listening = 0;
  cluster.on('listening', (_, { port }) => {
    listening += 1;
    if (listening === WORKERS) console.log(`http://127.0.0.1:${port}`);
  });
  cluster.on('exit', () => process.exit(1));
  for (let worker = 0; worker < WORKERS; worker += 1) cluster.fork();
} else {
  const { attach } = await import(`./${process.argv[2]}.mjs`);
  const server = createServer();
  await attach(server);
  // Workers that listen on port 0 share one port.
  server.listen({ port: 0, host: '127.0.0.1' });
}
