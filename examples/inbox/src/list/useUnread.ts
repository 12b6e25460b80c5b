import { useEffect } from 'react';
import { graphql, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';

const UNREAD_LIVE = graphql(`
  subscription UnreadLive {
    conversationStatsLive(filter: { isClosed: { eq: false } }) {
      rows { unread }
    }
  }
`);

const sumOf = (_: unknown, { conversationStatsLive }: ResultOf<typeof UNREAD_LIVE>) =>
  conversationStatsLive.rows.reduce((sum, { unread }) => sum + unread, 0);

/** The number of unread messages in open conversations, also shown in the page title. */
export function useUnread(): number {
  const { data: unread = 0 } = useLive({ query: UNREAD_LIVE }, sumOf);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Inbox` : 'Inbox';
  }, [unread]);
  return unread;
}
