// The inbox of examples/inbox as `npm run dev` serves it, on a free port, beside a gateway.
import { createRequire } from 'node:module';
import { createServer as createTcpServer } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../examples/inbox/', import.meta.url));

/** Vite does not support port 0. */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createTcpServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Serves it, and returns its address and the server. */
export async function serveInbox(gateway) {
  process.env.DESKGRAPH_URL = gateway;
  const { createServer } = await import(pathToFileURL(createRequire(root).resolve('vite')).href);
  // At other levels it logs each failed connection to the gateway.
  const server = await createServer({ root, logLevel: 'silent', server: { host: '127.0.0.1', port: await freePort(), strictPort: true } });
  await server.listen();
  return { origin: `http://127.0.0.1:${server.config.server.port}`, server };
}
