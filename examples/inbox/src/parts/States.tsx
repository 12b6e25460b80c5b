import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';

/** What stands where there is nothing to show. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="empty">
    <p className="empty-title">{title}</p>
    {children && <p>{children}</p>}
  </div>
);

/** Grey bars in the place of rows to come. */
export const Loading = ({ rows = 6 }: { rows?: number }) => (
  <div className="loading" role="status" aria-label="Loading">
    {Array.from({ length: rows }, (_, row) => <span key={row} className="bar" />)}
  </div>
);

/** Why something can't be shown. What the gateway says helps whoever can mend it. */
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
