// A real Chromium that can reach nothing but the server under test. CHROMIUM names the browser.
import { chromium } from 'playwright-core';

/** Shared machines are slow: the bound is there to end a hopeless wait, not to measure. */
const PATIENCE_MS = 120_000;

/**
 * Opens a page that may talk to `origin` alone. `offences` collects what should not have happened, in the order it did: requests
 * to elsewhere, errors on the console but those that `expected` allows, and breaches of the page's Content-Security-Policy.
 */
export async function openBrowser(origin, { expected = () => false, ...options } = {}) {
  const offences = [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-background-networking',
      // Below the interception that records them: no name but the server's own leads anywhere.
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(origin).hostname}`,
    ],
    timeout: PATIENCE_MS,
  });
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);

  const isLocal = url => ['http:', 'ws:'].some(scheme => url.startsWith(origin.replace('http:', scheme) + '/'));
  const isInline = url => /^(data|blob|about):/.test(url);
  await context.route(
    url => !isLocal(url.href) && !isInline(url.href),
    route => {
      offences.push(`request to ${route.request().url()}`);
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('console', message => {
    if (message.type() === 'error' && !expected(message.text())) offences.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', error => offences.push(`error: ${error.message}`));
  page.on('websocket', socket => {
    if (!isLocal(socket.url())) offences.push(`socket to ${socket.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy ${violatedDirective} broken by ${blockedURI}`),
    );
  });
  return { page, context, offences };
}

/** Waits until `probe` returns something, looking again after each frame that the browser draws. */
export async function until(page, what, probe) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const found = await probe();
    if (found) return found;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  throw new Error(`waited ${PATIENCE_MS / 1000} s in vain for ${what}`);
}
