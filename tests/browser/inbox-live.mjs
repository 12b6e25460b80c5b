// Follows the inbox of examples/inbox in a real Chromium: node inbox-live.mjs GATEWAY_URL CONVERSATION
//
// Opens the conversation, and prints what the page shows as a line of JSON, whenever that has changed:
// {"status", "unread": {conversation: count}, "messages": [text], "counted", "resumed": [operation], "restarted": [operation],
// "violations"}. `resumed` and `restarted` list the subscriptions that were sent again after a reconnection: with the last cursor
// that their operation had received, and without it. It ends when a message says `the end`.

import { openBrowser } from './browser.mjs';
import { serveInbox } from './vite.mjs';

const [gateway, conversation] = process.argv.slice(2);
if (!conversation) throw new Error('usage: node inbox-live.mjs GATEWAY_URL CONVERSATION');

/** The subscriptions with a cursor that were sent on any socket but the first. */
const [resumed, restarted] = [[], []];

/** Watches the sockets of a page for subscriptions that declare `$after`. */
function watchSubscriptions(page) {
  const lastCursors = new Map();
  let sockets = 0;
  page.on('websocket', socket => {
    if (new URL(socket.url()).pathname !== '/graphql') return;
    const operations = new Map();
    let number;
    socket.on('framesent', ({ payload: text }) => {
      const { type, id, payload } = JSON.parse(text);
      if (type !== 'subscribe' || !payload.query.includes('$after')) return;
      const operation = /subscription (\w+)/.exec(payload.query)[1];
      operations.set(id, operation);
      // Attempts to connect that fail send nothing, and do not count.
      number ??= ++sockets;
      if (number === 1) return;
      const last = lastCursors.get(operation);
      (last && payload.variables.after === last ? resumed : restarted).push(operation);
    });
    socket.on('framereceived', ({ payload: text }) => {
      const { type, id, payload } = JSON.parse(text);
      const cursors = type === 'ping' ? (payload?.cursors ?? {}) : {};
      if (type === 'next') cursors[id] = Object.values(payload.data ?? {})[0]?.cursor;
      for (const [id, cursor] of Object.entries(cursors)) {
        if (cursor && operations.has(id)) lastCursors.set(operations.get(id), cursor);
      }
    });
  });
}

const { origin, server } = await serveInbox(gateway);
// The browser itself reports each attempt to connect to a gateway that is gone.
const { page, context, violations } = await openBrowser(origin, { expected: text => /WebSocket connection to .* failed/.test(text) });
try {
  watchSubscriptions(page);
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
    const line = JSON.stringify({ ...seen, resumed, restarted, violations });
    if (line !== shown) console.log((shown = line));
  }
} finally {
  await context.browser().close();
  await server.close();
}
