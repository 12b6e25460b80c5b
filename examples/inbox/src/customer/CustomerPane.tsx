import { applySteps } from '@deskgraph/client';
import { graphql, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { Avatar } from '../parts/Avatar';
import { Empty, Loading, Problem } from '../parts/States';
import { Fields } from './Fields';
import { Tickets } from './Tickets';

/** The customer of a conversation: a live page with one row, or with none while no customer is linked. */
const CUSTOMER_LIVE = graphql(`
  subscription CustomerLive($conversation: ID!, $after: String) {
    customersLive(filter: { conversations: { some: { id: { eq: $conversation } } } }, first: 1, after: $after) {
      cursor
      page { ...Profile }
      steps { kind id afterId node { ...Profile } }
    }
  }

  fragment Profile on Customer {
    id
    name
    phone
    email
    note
    createdAt
    manager { name }
    statuses { name color { hex } }
    socialAccounts { platform name }
    customFields { key value }
  }
`);

export type Profile = NonNullable<ResultOf<typeof CUSTOMER_LIVE>['customersLive']['page']>[number];
const next = (before: Profile[] = [], { customersLive }: ResultOf<typeof CUSTOMER_LIVE>) => applySteps(before, customersLive);

export function CustomerPane({ conversation }: { conversation: string }) {
  const { data, error } = useLive({ query: CUSTOMER_LIVE, variables: { conversation } }, next);
  if (error) return <Problem error={error} />;
  if (!data) return <Loading rows={4} />;
  const [customer] = data;
  if (!customer) return <Empty title="Not a customer yet">The CRM has not matched this conversation with a customer.</Empty>;
  return (
    <div className="scroll customer">
      <header className="profile">
        <Avatar name={customer.name ?? 'Unknown'} />
        <div>
          <h2>{customer.name ?? 'Unknown'}</h2>
          <p className="statuses">
            {customer.statuses.map(({ name, color }) => (
              <span key={name} className="tag" style={{ '--dot': color?.hex } as React.CSSProperties}><i className="dot" /> {name}</span>
            ))}
          </p>
        </div>
      </header>
      {customer.note && <p className="note" lang="vi">{customer.note}</p>}
      <Tickets customer={customer.id} />
      <Fields customer={customer} />
    </div>
  );
}
