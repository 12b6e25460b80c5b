// Follows the inbox of examples/inbox in a real Chromium: node inbox-live.mjs GATEWAY_URL CONVERSATION
//
// Opens the conversation, and prints what the page shows as a line of JSON, whenever that has changed:
// {"status", "unread": {conversation: count}, "messages": [text], "counted", "violations"}. It ends when a message says `the end`.

import { openBrowser } from './browser.mjs';
import { serveInbox } from './vite.mjs';

const [gateway, conversation] = process.argv.slice(2);
if (!conversation) throw new Error('usage: node inbox-live.mjs GATEWAY_URL CONVERSATION');

const { origin, server } = await serveInbox(gateway);
// The browser itself reports each attempt to connect to a gateway that is gone.
const { page, context, violations } = await openBrowser(origin, { expected: text => /WebSocket connection to .* failed/.test(text) });
try {
  await page.goto(origin);
  await page.locator(`[data-conversation="${conversation}"]`).click();
  let shown = '';
  while (!shown.includes('"the end"')) {
    const seen = await page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      const all = selector => [...document.querySelectorAll(selector)];
      return {
        status: document.querySelector('.top-bar .status')?.textContent.trim(),
        unread: Object.fromEntries(all('[data-conversation]').map(({ dataset }) => [dataset.conversation, Number(dataset.unread)])),
        messages: all('[data-message] .bubble > p').map(({ textContent }) => textContent),
        counted: Number(document.querySelector('[data-counted]')?.dataset.counted ?? 0),
      };
    });
    const line = JSON.stringify({ ...seen, violations });
    if (line !== shown) console.log((shown = line));
  }
} finally {
  await context.browser().close();
  await server.close();
}
