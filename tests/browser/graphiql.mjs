// Uses GraphiQL like a new user, in a real Chromium that can only reach the server under test:
//
//   node graphiql.mjs http://127.0.0.1:8080 [--screenshot FILE]
//
// It runs the first tab, opens the explorer, runs the live page until its list has changed and the live subscription until three
// messages have arrived. Then it fills in a credential, which must reach the server with the next query and on a new socket of the
// subscription, and prints {"ok":true,…}. Anything missing, any request to another server, any error on the console and any
// violation of the page's Content-Security-Policy is a failure: it prints the text of the page and exits with 1. CHROMIUM names
// the browser.
import { parseArgs } from 'node:util';
import { openBrowser, until } from './browser.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { screenshot: { type: 'string' } },
});
if (positionals.length !== 1) {
  console.error('usage: node graphiql.mjs BASE_URL [--screenshot FILE]');
  process.exit(2);
}
const origin = new URL(positionals[0]).origin;
const MESSAGES = 3;
const CREDENTIAL = 'dgk_test_of-the-page';

/** The whole text of one of GraphiQL's editors; the DOM has only the visible lines. */
const textOf = (page, name) =>
  page.evaluate(
    name => globalThis.__MONACO?.editor.getModels().find(({ uri }) => uri.path.endsWith(name))?.getValue(),
    name,
  );

/** The `data` in the response pane, if there is some; errors in it fail the test. */
async function responseData(page) {
  let response;
  try {
    response = JSON.parse(await textOf(page, 'response.json'));
  } catch {
    return undefined;
  }
  if (response.errors) throw new Error(`the response has errors: ${JSON.stringify(response.errors)}`);
  return response.data;
}

async function useGraphiQL(page) {
  await page.goto(origin);
  const execute = page.locator('.graphiql-execute-button');
  await execute.waitFor();
  // The button appears before the editors are ready.
  await until(page, 'the first tab', async () => (await textOf(page, 'operation.graphql'))?.includes('customers'));
  await until(page, 'the response pane', async () => (await textOf(page, 'response.json')) !== undefined);

  await execute.click();
  const customers = await until(page, 'customers in the response', async () => {
    const data = await responseData(page);
    return data?.customers?.nodes?.length > 0 && data.customers.nodes;
  });

  await page.getByRole('button', { name: 'GraphiQL Explorer' }).click();
  await page.locator('.docExplorerWrap, .graphiql-explorer-root').first().getByText('conversations').first().waitFor();

  await page.getByRole('tab', { name: 'LiveInbox' }).click();
  await until(page, 'the live page', async () => (await textOf(page, 'operation.graphql'))?.includes('conversationsLive'));
  await execute.click();
  const steps = await until(page, 'steps of the live page', async () => {
    const steps = (await responseData(page))?.conversationsLive?.steps;
    return steps?.length > 0 && steps;
  });
  await execute.click();

  await page.getByRole('tab', { name: 'LiveMessages' }).click();
  await until(page, 'the subscription', async () => (await textOf(page, 'operation.graphql'))?.includes('messageAdded'));
  await execute.click();
  const messages = new Set();
  await until(page, `${MESSAGES} live messages`, async () => {
    const message = (await responseData(page))?.messageAdded?.message;
    if (message) messages.add(message.id);
    return messages.size >= MESSAGES;
  });
  return { customers: customers.length, steps: steps.map(({ kind }) => kind), messages: [...messages], credential: await useCredential(page) };
}

/** The credentials that the page has sent: in headers of queries, and in payloads of `connection_init`. */
const sent = { headers: [], payloads: [] };

function recordCredentials(page) {
  page.on('request', request => {
    if (new URL(request.url()).pathname === '/graphql' && request.method() === 'POST') {
      sent.headers.push({ query: request.postDataJSON().query, authorization: request.headers().authorization });
    }
  });
  page.on('websocket', socket =>
    socket.on('framesent', ({ payload }) => {
      const message = JSON.parse(payload);
      if (message.type === 'connection_init') sent.payloads.push(message.payload ?? {});
    }),
  );
}

/** Fills in a credential while the subscription runs. */
async function useCredential(page) {
  const authorization = `Bearer ${CREDENTIAL}`;
  if (JSON.stringify(sent).includes('earer')) throw new Error('a credential was sent before one was entered');
  const field = page.getByLabel('Credential');
  await field.fill(`  ${CREDENTIAL} `);
  await field.press('Enter');
  await until(page, 'the subscription on a new socket', () =>
    sent.payloads.some(payload => payload.authorization === authorization),
  );
  await until(page, 'the schema for the credential', () =>
    sent.headers.some(({ query, authorization: sent }) => query.includes('__schema') && sent === authorization),
  );
  const before = JSON.stringify(await responseData(page));
  await until(page, 'a message on the new socket', async () => JSON.stringify(await responseData(page)) !== before);
  const [session, local] = await page.evaluate(() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage)]);
  if (!session.includes(CREDENTIAL) || local.includes(CREDENTIAL)) {
    throw new Error(`the credential is stored in the wrong place: ${session} ${local}`);
  }

  sent.headers.length = sent.payloads.length = 0;
  await page.reload();
  await until(page, 'the schema after a reload', () => sent.headers.some(header => header.authorization === authorization));
  await field.fill('');
  await field.blur();
  await until(page, 'the schema without a credential', () => sent.headers.some(header => header.authorization === undefined));
  return sent.headers.length;
}

const { page, context, violations } = await openBrowser(origin);
try {
  recordCredentials(page);
  const seen = await useGraphiQL(page);
  if (violations.length > 0) throw new Error('the page violated a restriction');
  console.log(JSON.stringify({ ok: true, browser: context.browser()?.version(), ...seen }));
} catch (error) {
  const text = await page.evaluate(() => document.body.innerText).catch(() => '(the page is gone)');
  const response = await textOf(page, 'response.json').catch(() => '');
  console.log(JSON.stringify({ ok: false, error: error.message, violations, text, response }, null, 2));
  process.exitCode = 1;
} finally {
  if (options.screenshot) await page.screenshot({ path: options.screenshot }).catch(error => console.error(error.message));
  await context.browser().close();
}
