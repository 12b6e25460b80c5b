// Monaco's workers, each bundled separately; `build.mjs` inserts their hashed URLs.
const workers = { graphql: WORKER_GRAPHQL, json: WORKER_JSON };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(workers[label] ?? WORKER_EDITOR, { name: label }),
};
