import { applySteps } from '@deskgraph/client';
import { useState } from 'react';
import { graphql, type FragmentOf, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { Loading, Problem } from '../parts/States';
import { ConversationHeader } from './ConversationHeader';
import { MESSAGE } from './Message';
import { MessageLog } from './MessageLog';

const MESSAGES_LIVE = graphql(
  `
    subscription MessagesLive($conversation: ID!, $first: Int, $after: String) {
      messagesLive(
        filter: { conversationId: { eq: $conversation } }
        orderBy: { field: SENT_AT, direction: DESC }
        first: $first
        after: $after
      ) {
        cursor
        totalCount
        page { ...Message }
        steps { kind id afterId node { ...Message } }
      }
    }
  `,
  [MESSAGE],
);

interface Messages {
  /** The newest first, as the gateway answers. */
  rows: FragmentOf<typeof MESSAGE>[];
  totalCount: number;
}

const next = (before: Messages | undefined, { messagesLive }: ResultOf<typeof MESSAGES_LIVE>): Messages => ({
  rows: applySteps(before?.rows ?? [], messagesLive),
  totalCount: messagesLive.totalCount,
});

const PAGE = 50;
const LONGEST_PAGE = 200;

/** A conversation, extended as messages arrive. Pass the id as `key`, so that another conversation starts with empty state. */
export function Conversation({ id }: { id: string }) {
  const [first, setFirst] = useState(PAGE);
  const { data, error } = useLive({ query: MESSAGES_LIVE, variables: { conversation: id, first } }, next);
  const hasEarlier = data !== undefined && data.totalCount > first && first < LONGEST_PAGE;
  return (
    <>
      <ConversationHeader id={id} />
      {error ? <Problem error={error} />
      : !data ? <Loading rows={5} />
      : <MessageLog messages={data.rows} showEarlier={hasEarlier ? () => setFirst(Math.min(first + PAGE, LONGEST_PAGE)) : undefined} />}
    </>
  );
}
