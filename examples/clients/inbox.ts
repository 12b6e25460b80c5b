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
  conversationsLive: LivePage<Conversation>;
}

/** A payload of a live page. */
export interface LivePage<Row> {
  cursor: string;
  totalCount: number;
  page: Row[] | null;
  steps: Step<Row>[];
}

export interface Step<Row> {
  kind: 'ENTERED' | 'MOVED' | 'UPDATED' | 'LEFT';
  id: string;
  afterId: string | null;
  node: Row | null;
}

/** The rows after a payload. Those that no step is about stay the same objects. */
export function applySteps<Row extends { id: string }>(rows: readonly Row[], { page, steps }: LivePage<Row>): Row[] {
  if (page) return page;
  const next = [...rows];
  const place = (id: string) => next.findIndex((row) => row.id === id);
  for (const { kind, id, afterId, node } of steps) {
    if (kind === 'UPDATED') next[place(id)] = node!;
    if (kind === 'LEFT' || kind === 'MOVED') next.splice(place(id), 1);
    if (kind === 'ENTERED' || kind === 'MOVED') next.splice(afterId ? place(afterId) + 1 : 0, 0, node!);
  }
  return next;
}

/** Shows the inbox whenever it has changed. Calling what it gives ends it. */
export type Watch = (url: string, show: (rows: Conversation[]) => void, fail: (error: unknown) => void) => () => void;
