// The user's credential: an API key or a token, sent with every request.
//
// It is kept in `sessionStorage`: it survives a reload of its tab and is deleted when the tab is closed. `localStorage`, where
// GraphiQL keeps its state, would leave it on the disk of every machine on which the page was opened.
const KEY = 'deskgraph:credential';

const listeners = new Set();
let credential = sessionStorage.getItem(KEY) ?? '';

export const current = () => credential;

/** What tells the gateway who asks, as headers over HTTP and as the payload of `connection_init` over WebSocket. */
export const authorization = () => (credential ? { authorization: `Bearer ${credential}` } : {});

/** Takes another credential. People paste it with spaces, or with the scheme before it. */
export function replace(text) {
  const next = text.trim().replace(/^bearer\s+/i, '');
  if (next === credential) return;
  credential = next;
  if (next) sessionStorage.setItem(KEY, next);
  else sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

/** Calls `listener` whenever the credential has changed. Returns a function that ends it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
