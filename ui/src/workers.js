// Monaco's workers, each a bundle of its own beside the page; `build.mjs` puts in their hashed addresses.
const workers = { graphql: WORKER_GRAPHQL, json: WORKER_JSON };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(workers[label] ?? WORKER_EDITOR, { name: label }),
};
