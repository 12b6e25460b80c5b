import { useRef, type FormEvent } from 'react';
import { useSession, useStatus } from './gateway/GatewayProvider';
import { Icon } from './parts/Icon';

const STATUSES = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
  refused: 'Credential needed',
};

export function TopBar() {
  const status = useStatus();
  return (
    <header className="top-bar">
      <img src="/icon.svg" alt="" width="26" height="26" />
      <h1>Inbox</h1>
      <span className={`status status-${status}`} role="status"><i className="dot" /> {STATUSES[status]}</span>
      <CredentialField />
    </header>
  );
}

/** For gateways that require authentication: an API key (`deskgraph keys create`) or a token. */
function CredentialField() {
  const { credential, signIn } = useSession();
  const isRefused = useStatus() === 'refused';
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn(field.current!.value.trim());
    field.current!.blur();
  };
  return (
    <form className={isRefused ? 'credential asked' : 'credential'} onSubmit={submit} onBlur={submit}>
      <Icon name="key" />
      <input ref={field} type="password" autoComplete="off" placeholder="API key or token" aria-label="Credential" aria-invalid={isRefused} defaultValue={credential} />
    </form>
  );
}
