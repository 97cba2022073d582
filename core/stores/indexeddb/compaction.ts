import type { Database } from './connection.js';
import { begin } from './live-transactions.js';
import { logState, STATE } from './log-state.js';
import { MOST_BYTES, MOST_EVENTS, offsetsIn, packRow, type StoredRow } from './rows.js';

/** Rows that follow one another and may become one. */
interface Run {
  readonly first: number;
  readonly last: number;
}

/** How large a merged row may become, and of how many it is made at least: to merge a few is not worth a write. */
export interface MergeLimits {
  readonly events: number;
  readonly bytes: number;
  readonly rows: number;
}

const defaults: MergeLimits = { events: MOST_EVENTS, bytes: MOST_BYTES, rows: 8 };
/** Sizes that are looked at in one go. */
const MOST_STEPS = 2000;

/**
 * Merges small rows that follow one another: a writer that waits for each event makes a row of each, and to read costs
 * by the row. An event is merged once at most: only rows that fill one are merged, and the newest wait until they do.
 * Offsets stay. Stops before the next row when `isWanted` says so; resolves with how many rows there are less.
 */
export async function compactRows(
  db: Database,
  isWanted: () => boolean = () => true,
  limits: MergeLimits = defaults,
): Promise<number> {
  let fewer = 0;
  for (let after: number | undefined; isWanted(); ) {
    const { run, seen } = await nextRun(db, after, limits);
    if (run !== undefined) fewer += await merge(db, run, limits);
    else if (seen === undefined) break;
    after = run?.last ?? seen;
  }
  return fewer;
}

/** The next rows to merge; without them, up to where there are none, and nothing of that when all has been seen. */
async function nextRun(
  db: Database,
  after: number | undefined,
  { events, bytes, rows }: MergeLimits,
): Promise<{ readonly run?: Run; readonly seen?: number }> {
  const transaction = begin(db, ['rows', 'meta']);
  const { compacted, counted } = await logState(transaction.objectStore('meta'));
  const range = IDBKeyRange.bound([Math.max(after ?? 0, compacted) + 1], [counted + 1]);
  let cursor = await transaction.objectStore('rows').index('size').openKeyCursor(range);
  let seen: number | undefined;
  let run = { first: 0, last: 0, rows: 0, events: 0, bytes: 0 };
  for (let step = 0; cursor !== null; step++) {
    const [k, n, size] = cursor.key;
    // What is more than half full is left alone.
    const isSmall = n * 2 <= events && size * 2 <= bytes;
    if (!isSmall || run.events + n > events || run.bytes + size > bytes) {
      if (run.rows >= rows) return { run };
      seen = isSmall ? run.last || undefined : k;
      run = { first: 0, last: 0, rows: 0, events: 0, bytes: 0 };
      if (step > MOST_STEPS && seen !== undefined) return { seen };
    }
    if (isSmall) {
      run = { first: run.first || k, last: k, rows: run.rows + 1, events: run.events + n, bytes: run.bytes + size };
    }
    cursor = await cursor.continue();
  }
  return {};
}

async function merge(db: Database, { first, last }: Run, limits: MergeLimits): Promise<number> {
  const transaction = begin(db, ['rows', 'meta'], 'readwrite');
  const [store, meta] = [transaction.objectStore('rows'), transaction.objectStore('meta')];
  const range = IDBKeyRange.bound(first, last);
  const [state, rows] = await Promise.all([logState(meta), store.getAll(range)]);
  const merged = mergeOf(rows);
  // Another tab may have merged them, too, or trimmed or purged some.
  if (merged === undefined || rows.length < 2 || merged.n > limits.events) {
    await transaction.done;
    return 0;
  }
  await Promise.all([
    store.delete(range),
    store.put(merged),
    meta.put({ ...state, compacted: Math.max(state.compacted, last) }, STATE),
    transaction.done,
  ]);
  return rows.length - 1;
}

function mergeOf(rows: readonly StoredRow[]): StoredRow | undefined {
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const evs = rows.flatMap((row) => row.evs);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return { ...packRow(evs, bytes), k: last.k, offs: rows.flatMap(offsetsIn) };
}
