import { useSyncExternalStore } from 'react';

/** What a narrow screen shows; a wide one shows them beside each other. */
export const PANES = ['inbox', 'conversation', 'customer', 'activity'] as const;
export type Pane = (typeof PANES)[number];

export interface Route {
  pane: Pane;
  /** The conversation that is open. */
  id: string | undefined;
}

/** The address is `#/<pane>/<conversation>`: a link opens what it shows, and Back goes back. */
export const pathTo = (pane: Pane, id?: string) => `#/${pane}${id ? `/${encodeURIComponent(id)}` : ''}`;

const listen = (changed: () => void) => {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(listen, () => location.hash);
  const [, pane, id] = hash.split('/');
  return { pane: PANES.find((known) => known === pane) ?? 'inbox', id: id ? decodeURIComponent(id) : undefined };
}
