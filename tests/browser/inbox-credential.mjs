// Signs in to the inbox of examples/inbox, in a real Chromium: node inbox-credential.mjs GATEWAY_URL KEY
//
// Nothing is shown without a key or with a wrong one. The key is sent over HTTP and WebSocket, stored only for the tab, and
// deleted when its field is cleared. Prints {"ok":true}, or the error and exits with 1.

import { openBrowser, until } from './browser.mjs';
import { serveInbox } from './vite.mjs';

const [gateway, key] = process.argv.slice(2);
if (!key) throw new Error('usage: node inbox-credential.mjs GATEWAY_URL KEY');

const { origin, server } = await serveInbox(gateway);
// The browser itself reports responses with 401.
const { page, context, violations } = await openBrowser(origin, { expected: text => /status of 401/.test(text) });
const rows = page.locator('[data-conversation]');
const refused = page.getByText('Credential needed');
const field = page.getByLabel('Credential');
const signIn = async credential => {
  await field.fill(credential);
  await field.press('Enter');
};
const stored = () => page.evaluate(() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage)]);

try {
  await page.goto(origin);
  await refused.waitFor();
  await signIn('dgk_wrong');
  await refused.waitFor();
  if ((await rows.count()) > 0) throw new Error('conversations are shown for a wrong credential');
  await signIn(`  ${key} `);
  await rows.first().waitFor();
  await page.reload();
  await rows.first().waitFor();
  const [session, local] = await stored();
  if (!session.includes(key) || local.includes(key)) throw new Error(`the key is stored in the wrong place: ${session} ${local}`);
  await signIn('');
  await refused.waitFor();
  await until(page, 'empty list', async () => (await rows.count()) === 0);
  if ((await stored()).join().includes('dgk_')) throw new Error('the key is still stored');
  if (violations.length > 0) throw new Error('the page violated a restriction');
  console.log(JSON.stringify({ ok: true }));
} catch (error) {
  const text = await page.evaluate(() => document.body.innerText).catch(() => '(the page is gone)');
  console.log(JSON.stringify({ ok: false, error: error.message, violations, text }));
  process.exitCode = 1;
} finally {
  await context.browser().close();
  await server.close();
}
