// The field for the credential, next to the logo. It takes effect on blur or Enter, not on every key: a new credential reconnects
// live operations and reloads the schema, which may differ between roles.
import { useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { current, onChange, replace } from './credential.js';

export function CredentialField() {
  const { introspect } = useGraphiQLActions();
  useEffect(() => onChange(() => introspect()), [introspect]);
  return (
    <label className="credential" title="An API key or a token. It is kept until this tab is closed.">
      Credential
      <input
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="none"
        defaultValue={current()}
        onBlur={({ target }) => replace(target.value)}
        onKeyDown={({ key, target }) => key === 'Enter' && replace(target.value)}
      />
    </label>
  );
}
