import { resumingClient } from '@deskgraph/client';
import { forwardTo } from '@deskgraph/client/urql';
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from 'urql';

/** The state of the socket. `refused`: the gateway rejected the credential. */
export type Status = 'connecting' | 'live' | 'reconnecting' | 'refused';

export interface Gateway {
  client: Client;
  /** For `useSyncExternalStore`. */
  status: () => Status;
  onStatus: (changed: () => void) => () => void;
}

const UNAUTHENTICATED = [4401, 4403];

/** Creates a client of the gateway with a credential: an API key, a token, or an empty string for none. */
export function connect(credential: string): Gateway {
  const authorization = credential ? { authorization: `Bearer ${credential}` } : undefined;
  const listeners = new Set<() => void>();
  let status: Status = 'connecting';
  const become = (next: Status) => {
    status = next;
    for (const changed of listeners) changed();
  };

  const live = resumingClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: authorization,
    on: {
      connected: () => become('live'),
      closed: (event) => {
        const { code } = event as CloseEvent;
        // 1000: closed normally, after the last subscription ended.
        if (code !== 1000) become(UNAUTHENTICATED.includes(code) ? 'refused' : 'reconnecting');
      },
    },
  });
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetchOptions: { headers: authorization ?? {} },
    exchanges: [cacheExchange, fetchExchange, subscriptionExchange(forwardTo(live))],
  });
  return {
    client,
    status: () => status,
    onStatus: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}
