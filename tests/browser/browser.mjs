// A real Chromium that can reach nothing but the server under test. CHROMIUM names the browser.
import { chromium } from 'playwright-core';

/** The time limit of every wait: far more than a slow machine needs. */
const PATIENCE_MS = 120_000;

/**
 * Opens a page that may only connect to `origin`. `violations` collects, in order: requests to other hosts, errors on the console
 * except those that `expected` allows, and violations of the page's Content-Security-Policy.
 */
export async function openBrowser(origin, { expected = () => false, ...options } = {}) {
  const violations = [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-background-networking',
      // Requests that the interception below misses can't leave either: no other name is resolved.
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
      violations.push(`request to ${route.request().url()}`);
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('console', message => {
    if (message.type() === 'error' && !expected(message.text())) violations.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', error => violations.push(`error: ${error.message}`));
  page.on('websocket', socket => {
    if (!isLocal(socket.url())) violations.push(`socket to ${socket.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy ${violatedDirective} violated by ${blockedURI}`),
    );
  });
  return { page, context, violations };
}

/** Waits until `probe` returns something; calls it again after each frame that the browser draws. */
export async function until(page, what, probe) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const found = await probe();
    if (found) return found;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  throw new Error(`no ${what} within ${PATIENCE_MS / 1000} s`);
}
