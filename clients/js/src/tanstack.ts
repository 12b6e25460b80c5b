import type { CollectionConfig } from '@tanstack/db';
import type { Client } from 'graphql-ws';
import { applySteps, type LivePage } from './live.js';

/** A row with its index in the list. Collections are unordered, so order by `place`. */
export type Placed<Row> = Row & { place: number };

export interface LiveCollection {
  /** A subscription to a live page that declares `$after`. */
  query: string;
  variables?: Record<string, unknown> | undefined;
  /** The field of the live page in the payload, such as `conversationsLive`. */
  field: string;
  /** Called when the subscription has ended with an error. */
  fail: (error: unknown) => void;
}

/** Options of a collection that mirrors a live page: `createCollection(liveCollection<Row>(client, { … }))`. */
export function liveCollection<Row extends { id: string }>(
  client: Client,
  { query, variables, field, fail }: LiveCollection,
): CollectionConfig<Placed<Row>, string> {
  return {
    getKey: ({ id }) => id,
    sync: {
      rowUpdateMode: 'full',
      sync({ begin, write, commit, markReady }) {
        let rows: Row[] = [];
        const next = (payload: LivePage<Row>) => {
          const before = rows;
          rows = applySteps(before, payload);
          const gone = new Set(before.map(({ id }) => id));
          begin();
          for (const [place, row] of rows.entries()) {
            const type = gone.delete(row.id) ? 'update' : 'insert';
            if (row !== before[place]) write({ type, value: { ...row, place } });
          }
          for (const key of gone) write({ type: 'delete', key });
          commit();
          markReady();
        };
        return client.subscribe<Record<string, LivePage<Row>>>(
          { query, variables },
          { next: ({ data, errors }) => (data?.[field] ? next(data[field]) : fail(errors)), error: fail, complete: () => {} },
        );
      },
    },
  };
}
