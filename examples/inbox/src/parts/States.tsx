import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';

/** The placeholder of an empty list. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="empty">
    <p className="empty-title">{title}</p>
    {children && <p>{children}</p>}
  </div>
);

/** A skeleton: grey bars in place of rows that are loading. */
export const Loading = ({ rows = 6 }: { rows?: number }) => (
  <div className="loading" role="status" aria-label="Loading">
    {Array.from({ length: rows }, (_, row) => <span key={row} className="bar" />)}
  </div>
);

/** An error. Shows the gateway's message, which names the remedy. */
export function Problem({ error }: { error: CombinedError }) {
  const [first] = error.graphQLErrors;
  const title = first?.extensions.code === 'FORBIDDEN' ? 'Not for this credential' : 'This could not be loaded';
  return (
    <div className="empty" role="alert">
      <p className="empty-title">{title}</p>
      <p>{first?.message ?? error.message}</p>
    </div>
  );
}
