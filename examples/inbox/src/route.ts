import { useSyncExternalStore } from 'react';

/** The panes. A narrow screen shows one at a time, a wide one all side by side. */
export const PANES = ['inbox', 'conversation', 'customer', 'activity'] as const;
export type Pane = (typeof PANES)[number];

export interface Route {
  pane: Pane;
  /** The id of the open conversation. */
  id: string | undefined;
}

/** The route is in the URL as `#/<pane>/<conversation>`, so links and the Back button work. */
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
