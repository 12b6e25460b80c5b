import type { LivePage } from '@deskgraph/client';

/** The inbox that the recipes show: open conversations, the latest first. Its list and its live page have the same arguments. */
const LIST = '(filter: { isClosed: { eq: false } }, orderBy: { field: LAST_MESSAGE_AT, direction: DESC }, first: 3';
const ROW = 'id unreadCount lastMessage { id text }';

export const INBOX = `query Inbox { conversations${LIST}) { totalCount nodes { ${ROW} } } }`;

export const INBOX_LIVE = `
  subscription InboxLive($after: String) {
    conversationsLive${LIST}, after: $after) {
      cursor
      totalCount
      page { ${ROW} }
      steps { kind id afterId node { ${ROW} } }
    }
  }
`;

export interface Conversation {
  id: string;
  unreadCount: number;
  lastMessage: { id: string; text: string | null } | null;
}

export interface Inbox {
  conversations: { totalCount: number; nodes: Conversation[] };
}

export interface InboxLive {
  conversationsLive: LivePage<Conversation> & { totalCount: number };
}

/** Shows the inbox whenever it has changed. Calling what it gives ends it. */
export type Watch = (url: string, show: (rows: Conversation[]) => void, fail: (error: unknown) => void) => () => void;
