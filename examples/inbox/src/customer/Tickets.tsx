import { applySteps } from '@deskgraph/client';
import { graphql, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { Loading, Problem } from '../parts/States';
import { Due } from '../parts/time';

const TICKETS_LIVE = graphql(`
  subscription TicketsLive($customer: ID!, $after: String) {
    ticketsLive(filter: { customerId: { eq: $customer } }, orderBy: { field: CREATED_AT, direction: DESC }, first: 20, after: $after) {
      cursor
      totalCount
      page { ...Card }
      steps { kind id afterId node { ...Card } }
    }
  }

  fragment Card on Ticket {
    id
    name
    level
    status
    isOverdue
    dueAt
    assignee { name }
  }
`);

type Card = NonNullable<ResultOf<typeof TICKETS_LIVE>['ticketsLive']['page']>[number];
const next = (before: Card[] = [], { ticketsLive }: ResultOf<typeof TICKETS_LIVE>) => applySteps(before, ticketsLive);

const STATUSES: Record<NonNullable<Card['status']>, string> = { PROCESS: 'In process', DONE: 'Done', CANCEL: 'Cancelled', OTHER: 'Other' };

export function Tickets({ customer }: { customer: string }) {
  const { data: tickets, error } = useLive({ query: TICKETS_LIVE, variables: { customer } }, next);
  return (
    <section className="section">
      <h3>Tickets {tickets && tickets.length > 0 && <span className="count">{tickets.length}</span>}</h3>
      {error ? <Problem error={error} />
      : !tickets ? <Loading rows={2} />
      : tickets.length === 0 ? <p className="quiet">None so far.</p>
      : <ul className="tickets">{tickets.map((ticket) => <TicketCard key={ticket.id} ticket={ticket} />)}</ul>}
    </section>
  );
}

function TicketCard({ ticket: { name, level, status, isOverdue, dueAt, assignee } }: { ticket: Card }) {
  return (
    <li className={`ticket level-${level?.toLowerCase()}`}>
      <p className="ticket-name" lang="vi">{name ?? 'Without a name'}</p>
      <p className="quiet">
        {status && <span className={isOverdue ? 'tag tag-bad' : status === 'DONE' ? 'tag tag-good' : 'tag'}>{isOverdue ? 'Overdue' : STATUSES[status]}</span>}
        {status === 'PROCESS' && dueAt && <span>due <Due at={dueAt} /></span>}
        {assignee?.name && <span className="clip">{assignee.name}</span>}
      </p>
    </li>
  );
}
