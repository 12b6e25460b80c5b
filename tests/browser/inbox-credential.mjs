// Signs in to the inbox of examples/inbox, in a real Chromium: node inbox-credential.mjs GATEWAY_URL KEY
//
// Nothing is shown without a key, nor with a wrong one. The key is sent over HTTP and WebSocket, kept for the tab alone, and
// forgotten when it is taken out of its field. Prints {"ok":true} or what was wrong, and exits with 1 then.

import { openBrowser, until } from './browser.mjs';
import { serveInbox } from './vite.mjs';

const [gateway, key] = process.argv.slice(2);
if (!key) throw new Error('usage: node inbox-credential.mjs GATEWAY_URL KEY');

const { origin, server } = await serveInbox(gateway);
// The browser itself reports answers with 401.
const { page, context, offences } = await openBrowser(origin, { expected: text => /status of 401/.test(text) });
const rows = page.locator('[data-conversation]');
const refused = page.getByText('Credential needed');
const field = page.getByLabel('Credential');
const signIn = async credential => {
  await field.fill(credential);
  await field.press('Enter');
};
const kept = () => page.evaluate(() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage)]);

try {
  await page.goto(origin);
  await refused.waitFor();
  await signIn('dgk_wrong');
  await refused.waitFor();
  if ((await rows.count()) > 0) throw new Error('conversations are shown to nobody');
  await signIn(`  ${key} `);
  await rows.first().waitFor();
  await page.reload();
  await rows.first().waitFor();
  const [session, local] = await kept();
  if (!session.includes(key) || local.includes(key)) throw new Error(`kept in the wrong place: ${session} ${local}`);
  await signIn('');
  await refused.waitFor();
  await until(page, 'that nothing is shown any more', async () => (await rows.count()) === 0);
  if ((await kept()).join().includes('dgk_')) throw new Error('it is still kept');
  if (offences.length > 0) throw new Error('the page did what it must not do');
  console.log(JSON.stringify({ ok: true }));
} catch (error) {
  const text = await page.evaluate(() => document.body.innerText).catch(() => '(the page is gone)');
  console.log(JSON.stringify({ ok: false, error: error.message, offences, text }));
  process.exitCode = 1;
} finally {
  await context.browser().close();
  await server.close();
}
