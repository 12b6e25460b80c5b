import { applySteps } from '@deskgraph/client';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { graphql, type FragmentOf, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { Empty, Loading, Problem } from '../parts/States';
import { useSettled } from '../parts/useSettled';
import { ConversationRow, ROW } from './ConversationRow';
import { FilterBar } from './FilterBar';
import { conversationFilter, NO_FILTERS } from './filters';

const INBOX_LIVE = graphql(
  `
    subscription InboxLive($filter: ConversationFilter, $first: Int, $after: String) {
      conversationsLive(filter: $filter, orderBy: { field: LAST_MESSAGE_AT, direction: DESC }, first: $first, after: $after) {
        cursor
        totalCount
        page { ...Row }
        steps { kind id afterId node { ...Row } }
      }
    }
  `,
  [ROW],
);

interface Inbox {
  rows: FragmentOf<typeof ROW>[];
  totalCount: number;
}

/** Applies a payload: this is all that is needed to keep the list up to date. */
const next = (before: Inbox | undefined, { conversationsLive }: ResultOf<typeof INBOX_LIVE>): Inbox => ({
  rows: applySteps(before?.rows ?? [], conversationsLive),
  totalCount: conversationsLive.totalCount,
});

const PAGE = 40;
const LONGEST_PAGE = 200;

export function ConversationList({ openId }: { openId: string | undefined }) {
  const [filters, setFilters] = useState(NO_FILTERS);
  const [first, setFirst] = useState(PAGE);
  const asked = useSettled(filters);
  const variables = useMemo(() => ({ filter: conversationFilter(asked), first }), [asked, first]);
  const { data, error } = useLive({ query: INBOX_LIVE, variables }, next);

  return (
    <>
      <FilterBar filters={filters} change={setFilters} totalCount={data?.totalCount} />
      <div className="scroll">
        {error ? <Problem error={error} />
        : !data ? <Loading rows={9} />
        : data.rows.length === 0 ? <Empty title="Nothing here">No conversation fits these filters.</Empty>
        : (
          <ul className="rows" aria-label="Conversations" onKeyDown={moveByArrows}>
            {data.rows.map((row) => <li key={row.id}><ConversationRow row={row} isOpen={row.id === openId} /></li>)}
          </ul>
        )}
        {data && data.totalCount > first && first < LONGEST_PAGE && (
          <button className="more" onClick={() => setFirst(Math.min(first + PAGE, LONGEST_PAGE))}>Show more</button>
        )}
      </div>
    </>
  );
}

/** Up and Down move between rows. Enter opens a row, since rows are links. */
function moveByArrows(event: KeyboardEvent<HTMLUListElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]?.focus();
  event.preventDefault();
}
