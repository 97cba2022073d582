import type { EventRecord, HistoryQuery, StoredRecord } from '../../index.js';
import type { Connection, Database } from './connection.js';
import { RowWalk } from './row-walk.js';
import { offsetsIn, type StoredRow } from './rows.js';

/** A page is about as many events, and never more rows. It has a transaction of its own, so no reader holds writers up. */
const PAGE_EVENTS = 1000;
const PAGE_ROWS = 64;
/** Nothing is known yet of how full the rows are. */
const FIRST_ROWS = 4;

/** The events that match, in order of offset; those that are stored after it began are left out. */
export async function* readEvents(
  connection: Connection,
  query: HistoryQuery,
  matches: (record: EventRecord) => boolean,
): AsyncGenerator<StoredRecord> {
  const { order, signal } = query;
  let { limit: left = Number.POSITIVE_INFINITY, after = Number.NEGATIVE_INFINITY } = query;
  const read = <T>(work: (db: Database) => Promise<T>): Promise<T> =>
    unlessAborted(signal, () => connection.run('read', work));
  const walk = await read((db) => RowWalk.start(db, query));
  let before = Math.min(query.before ?? Number.POSITIVE_INFINITY, walk.end);
  let count = Math.min(left, FIRST_ROWS);
  while (left > 0 && !walk.ended) {
    const rows = await read((db) => walk.read(db, count));
    for (const { offset, record } of eventsOf(rows, order === 'desc')) {
      // What was read before is met again when its row was merged with others meanwhile.
      if (offset <= after || offset >= before) continue;
      if (order === 'desc') before = offset;
      else after = offset;
      if (!matches(record)) continue;
      yield { offset, record };
      if (--left === 0) return;
      signal?.throwIfAborted();
    }
    const events = rows.reduce((sum, row) => sum + row.n, 0);
    count = Math.min(PAGE_ROWS, Math.max(1, Math.round((PAGE_EVENTS * rows.length) / events) || PAGE_ROWS));
  }
}

function* eventsOf(rows: readonly StoredRow[], descending: boolean): Generator<StoredRecord> {
  for (const row of rows) {
    const offsets = offsetsIn(row);
    for (let step = 0; step < row.evs.length; step++) {
      const index = descending ? row.evs.length - 1 - step : step;
      yield { offset: offsets[index] as number, record: row.evs[index] as EventRecord };
    }
  }
}

/** The database may keep a reader waiting, for a frozen tab, say; an abort ends the wait at once. */
async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  if (signal === undefined) return work();
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
