import { resumingClient } from '@deskgraph/client';
import { liveCollection } from '@deskgraph/client/tanstack';
import { createCollection, createLiveQueryCollection } from '@tanstack/db';
import { INBOX_LIVE, type Conversation, type Watch } from './inbox';

/** In React: `useLiveQuery` with the query below. */
export const watch: Watch = (url, show, fail) => {
  const client = resumingClient({ url: url.replace('http', 'ws') });
  const inbox = createCollection(liveCollection<Conversation>(client, { query: INBOX_LIVE, field: 'conversationsLive', fail }));
  const query = createLiveQueryCollection((all) => all.from({ row: inbox }).orderBy(({ row }) => row.place));
  const shown = query.subscribeChanges(() => show(query.toArray.map(({ id, unreadCount, lastMessage }) => ({ id, unreadCount, lastMessage }))));
  return () => shown.unsubscribe();
};
