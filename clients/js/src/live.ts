/** A payload of a live page, such as `conversationsLive`. Select `id` on the rows. */
export interface LivePage<Row> {
  /** The cursor to resume after. `resumingClient` does so automatically. */
  cursor: string;
  /** The length of the whole list, if selected. */
  totalCount?: number;
  /** All rows, which replace the client's rows; null if `steps` apply. */
  page: Row[] | null;
  /** The changes since the last payload, to be applied in order. */
  steps: Step<Row>[];
}

/** One change of a live page. */
export interface Step<Row> {
  kind: StepKind;
  id: string;
  /** The row after which this one is inserted; null for the first place. For `ENTERED` and `MOVED`. */
  afterId: string | null;
  /** The current row; null if it has left. */
  node: Row | null;
}

export type StepKind = 'ENTERED' | 'MOVED' | 'UPDATED' | 'LEFT';

/** A payload of live statistics, such as `messageStatsLive`. It always has all rows. */
export interface LiveStatistics<Row> {
  cursor: string;
  rows: Row[];
}

/** Returns the rows after a payload. Rows without a step keep their object identity. Throws if a step names an unknown row. */
export function applySteps<Row extends { id: string }>(
  rows: readonly Row[],
  { page, steps }: Pick<LivePage<Row>, 'page' | 'steps'>,
): Row[] {
  if (page) return page;
  const next = [...rows];
  const place = (id: string) => {
    const found = next.findIndex((row) => row.id === id);
    if (found < 0) throw new Error(`a step names ${id}, which is not a row of the page: subscribe again without a cursor`);
    return found;
  };
  for (const { kind, id, afterId, node } of steps) {
    if (kind === 'UPDATED') next[place(id)] = node!;
    if (kind === 'LEFT' || kind === 'MOVED') next.splice(place(id), 1);
    if (kind === 'ENTERED' || kind === 'MOVED') next.splice(afterId ? place(afterId) + 1 : 0, 0, node!);
  }
  return next;
}
