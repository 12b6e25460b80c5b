/** A payload of a live page, such as `conversationsLive`. Select `id` on the rows. */
export interface LivePage<Row> {
  /** Where to resume: `resumingClient` does. */
  cursor: string;
  /** How long the whole list is, where it was selected. */
  totalCount?: number;
  /** All rows, which replace those that the client has. */
  page: Row[] | null;
  /** What has changed since the last payload, in this order. */
  steps: Step<Row>[];
}

/** One change of a live page. */
export interface Step<Row> {
  kind: StepKind;
  id: string;
  /** The row that this one comes behind, or null for the first place. For `ENTERED` and `MOVED`. */
  afterId: string | null;
  /** The row as it is now, or null where it has left. */
  node: Row | null;
}

export type StepKind = 'ENTERED' | 'MOVED' | 'UPDATED' | 'LEFT';

/** A payload of live statistics, such as `messageStatsLive`: all rows. */
export interface LiveStatistics<Row> {
  cursor: string;
  rows: Row[];
}

/** The rows after a payload. Those that no step is about stay the same objects. */
export function applySteps<Row extends { id: string }>(
  rows: readonly Row[],
  { page, steps }: Pick<LivePage<Row>, 'page' | 'steps'>,
): Row[] {
  if (page) return page;
  const next = [...rows];
  const place = (id: string) => {
    const found = next.findIndex((row) => row.id === id);
    if (found < 0) throw new Error(`a step is about ${id}, which is no row of the page: subscribe again without a cursor`);
    return found;
  };
  for (const { kind, id, afterId, node } of steps) {
    if (kind === 'UPDATED') next[place(id)] = node!;
    if (kind === 'LEFT' || kind === 'MOVED') next.splice(place(id), 1);
    if (kind === 'ENTERED' || kind === 'MOVED') next.splice(afterId ? place(afterId) + 1 : 0, 0, node!);
  }
  return next;
}
