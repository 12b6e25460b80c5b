// The field for the credential, beside the logo. It takes effect when it is left, or on Enter, and not with each key: a new
// credential reconnects what is live and asks for the schema again, which may be another one for another role.
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
