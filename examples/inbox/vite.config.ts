import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page and the gateway have one address in the browser, so neither needs to know where the other is. */
const proxy = {
  '/graphql': { target: process.env.DESKGRAPH_URL ?? 'http://127.0.0.1:8080', ws: true },
};

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
