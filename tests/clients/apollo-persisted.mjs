// Apollo Client with its own, unmodified link for persisted queries, against a running gateway:
//
//   node apollo-persisted.mjs BASE_URL
//
// By POST and by GET, the same document twice, then once more by a second client; then a subscription. Prints one line of
// JSON for each, with the traffic: {"name","requests":[{"method","hash","text","status"}],"data"}.

import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createHash } from 'node:crypto';

const base = process.argv[2];
if (!base) throw new Error('usage: node apollo-persisted.mjs BASE_URL');
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

let requests = [];
// Only records: request and response are unchanged.
async function recordingFetch(address, options) {
  const parameters = options.method === 'GET' ? Object.fromEntries(new URL(address).searchParams) : JSON.parse(options.body);
  const extensions = typeof parameters.extensions === 'string' ? JSON.parse(parameters.extensions) : parameters.extensions;
  const response = await fetch(address, options);
  requests.push({
    method: options.method,
    hash: Boolean(extensions?.persistedQuery?.sha256Hash),
    text: Boolean(parameters.query),
    status: response.status,
  });
  return response;
}

const connect = (options) =>
  new ApolloClient({
    link: createPersistedQueryLink({ sha256, ...options }).concat(new HttpLink({ uri: `${base}/graphql`, fetch: recordingFetch })),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' } },
  });

async function query(name, client, document) {
  requests = [];
  const { data } = await client.query({ query: document });
  console.log(JSON.stringify({ name, requests, data }));
}

for (const [name, options] of [
  ['POST', {}],
  ['GET', { useGETForHashedQueries: true }],
]) {
  const document = gql(`query By${name} { customers { totalCount } }`);
  const client = connect(options);
  await query(`${name}, not known`, client, document);
  await query(`${name}, known`, client, document);
  await query(`${name}, known to another client`, connect(options), document);
}

requests = [];
const live = connect({}).subscribe({ query: gql`subscription Live { messageAdded { message { text } } }` });
const first = new Promise((resolve, reject) => live.subscribe({ next: resolve, error: reject }));
console.log(JSON.stringify({ name: 'waiting' }));
const { data, error } = await first;
if (error) throw error;
console.log(JSON.stringify({ name: 'subscription', requests, data }));
process.exit(0);
