import { createCollection, createLiveQueryCollection } from '@tanstack/db';
import type { Client } from 'graphql-ws';
import { applySteps, INBOX_LIVE, type Conversation, type InboxLive, type Watch } from './inbox';
import { resumingClient } from './resume';

/** A collection has no order of its own: each row has its place. In React: `useLiveQuery` with the query below. */
const inboxCollection = (client: Client, fail: (error: unknown) => void) =>
  createCollection<Conversation & { place: number }, string>({
    getKey: ({ id }) => id,
    sync: {
      rowUpdateMode: 'full',
      sync({ begin, write, commit, markReady }) {
        let rows: Conversation[] = [];
        const next = ({ conversationsLive }: InboxLive) => {
          const before = rows;
          rows = applySteps(before, conversationsLive);
          const was = new Set(before.map(({ id }) => id));
          begin();
          for (const [place, row] of rows.entries()) {
            if (row !== before[place]) write({ type: was.has(row.id) ? 'update' : 'insert', value: { ...row, place } });
            was.delete(row.id);
          }
          for (const key of was) write({ type: 'delete', key });
          commit();
          markReady();
        };
        const sink = { error: fail, complete: () => {} };
        return client.subscribe<InboxLive>({ query: INBOX_LIVE }, { ...sink, next: ({ data, errors }) => (data ? next(data) : fail(errors)) });
      },
    },
  });

export const watch: Watch = (url, show, fail) => {
  const inbox = inboxCollection(resumingClient({ url: url.replace('http', 'ws') }), fail);
  const query = createLiveQueryCollection((all) => all.from({ row: inbox }).orderBy(({ row }) => row.place));
  const shown = query.subscribeChanges(() => show(query.toArray.map(({ id, unreadCount, lastMessage }) => ({ id, unreadCount, lastMessage }))));
  return () => shown.unsubscribe();
};
