// Apollo Client against a running gateway, with nothing but its HTTP link: node apollo.mjs BASE_URL N
//
// Prints one line of JSON per step. After the first line, {"head"}, it waits for messages: N of them reach the first
// subscription, {"received"}, and the N that follow reach a second one that resumes at the last cursor, {"resumed"}. The
// second one runs until the gateway stops, {"stopped"}: the error code that it gets.

import { ApolloClient, CombinedProtocolErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';

const SUBSCRIPTION = gql`
  subscription ($after: String) {
    messageAdded(after: $after) { cursor message { id text } }
  }
`;

const [base, count] = [process.argv[2], Number(process.argv[3])];
if (!base || !(count > 0)) throw new Error('usage: node apollo.mjs BASE_URL N');

const print = (step) => console.log(JSON.stringify(step));
const patience = setTimeout(() => {
  console.error('gave up after a minute');
  process.exit(1);
}, 60_000);

const client = new ApolloClient({ link: new HttpLink({ uri: `${base}/graphql` }), cache: new InMemoryCache() });

// Calls `full` with the first messages when there are enough. Resolves with the error that ends the subscription, if any.
function follow(after, full) {
  const taken = [];
  return new Promise((end) => {
    const subscription = client.subscribe({ query: SUBSCRIPTION, variables: { after } }).subscribe({
      next({ data, error }) {
        if (error) return end(error);
        taken.push(data.messageAdded);
        if (taken.length === count) full(taken, () => end(subscription.unsubscribe()));
      },
      error: end,
      complete: end,
    });
  });
}

const { head } = (await client.query({ query: gql`{ head }` })).data;
const refused = await client.query({ query: gql`{ noSuchField }` }).catch(({ errors }) => errors);
print({ head, refused: refused.map(({ message }) => message) });

let last;
await follow(head, (received, leave) => {
  print({ received });
  last = received.at(-1).cursor;
  leave();
});
const ended = await follow(last, (resumed) => print({ resumed }));
if (!CombinedProtocolErrors.is(ended)) throw ended ?? new Error('the subscription ended without an error');
print({ stopped: ended.errors[0].extensions.code });
clearTimeout(patience);
