import { createContext, use, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Provider } from 'urql';
import { connect, type Gateway } from './connection';

const KEY = 'deskgraph-credential';

interface Session {
  gateway: Gateway;
  credential: string;
  /** Reconnects with another credential. */
  signIn: (credential: string) => void;
}

const SessionContext = createContext<Session | null>(null);

/** Connects to the gateway. The credential is kept in this tab only, until it is closed. */
export function GatewayProvider({ children }: { children: ReactNode }) {
  const [credential, setCredential] = useState(() => sessionStorage.getItem(KEY) ?? '');
  const gateway = useMemo(() => connect(credential), [credential]);
  const signIn = (next: string) => {
    if (next) sessionStorage.setItem(KEY, next);
    else sessionStorage.removeItem(KEY);
    setCredential(next);
  };
  return (
    <SessionContext value={{ gateway, credential, signIn }}>
      {/* Everything is shown anew: nothing of what one may see is left for another. */}
      <Provider key={credential} value={gateway.client}>
        {children}
      </Provider>
    </SessionContext>
  );
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs a GatewayProvider around it');
  return session;
}

export function useStatus() {
  const { gateway } = useSession();
  return useSyncExternalStore(gateway.onStatus, gateway.status);
}
