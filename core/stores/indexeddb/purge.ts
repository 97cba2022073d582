import type { EventRecord, HistoryQuery } from '../../index.js';
import type { Connection, Database } from './connection.js';
import { begin } from './live-transactions.js';
import { logState, STATE } from './log-state.js';
import { readEvents } from './reader.js';
import { roughBytes } from './rough-bytes.js';
import { offsetsIn, packRow, rowOf, type StoredRow } from './rows.js';

/** In one transaction, in which no event is written. */
const MOST_EVENTS = 1000;

/** Removes the events that a query finds, some at a time; resolves with how many they were. */
export async function purgeEvents(
  connection: Connection,
  query: HistoryQuery,
  matches: (record: EventRecord) => boolean,
): Promise<number> {
  let removed = 0;
  let offsets: number[] = [];
  const remove = async (): Promise<void> => {
    removed += await connection.run('purge', (db) => removeEvents(db, offsets));
    offsets = [];
  };
  for await (const { offset } of readEvents(connection, query, matches)) {
    if (offsets.push(offset) === MOST_EVENTS) await remove();
  }
  if (offsets.length > 0) await remove();
  return removed;
}

/** Removes the events at these offsets; those that others removed or trimmed meanwhile do not count. */
async function removeEvents(db: Database, offsets: readonly number[]): Promise<number> {
  const transaction = begin(db, ['rows', 'meta'], 'readwrite');
  const [rows, meta] = [transaction.objectStore('rows'), transaction.objectStore('meta')];
  const keys = [...new Set(offsets.map(rowOf))];
  const [state, ...found] = await Promise.all([
    logState(meta),
    ...keys.map((key) => rows.get(IDBKeyRange.lowerBound(key))),
  ]);
  const unwanted = new Set(offsets);
  // Of merged rows several keys lead to the same.
  const touched = new Map(found.flatMap((row) => (row === undefined ? [] : [[row.k, row] as const])));
  let { events, bytes } = state;
  let removed = 0;
  for (const row of touched.values()) {
    const rest = without(row, unwanted);
    const less = row.n - (rest?.n ?? 0);
    if (less === 0) continue;
    removed += less;
    if (row.k <= state.counted) {
      events -= less;
      bytes -= row.bytes - (rest?.bytes ?? 0);
    }
    // A promise of either would fail with the transaction.
    void (rest === undefined ? rows.delete(row.k) : rows.put(rest)).catch(() => {});
  }
  if (removed > 0) void meta.put({ ...state, events, bytes }, STATE).catch(() => {});
  await transaction.done;
  return removed;
}

/** The row as it stays, undefined when nothing of it does. */
function without(row: StoredRow, unwanted: ReadonlySet<number>): StoredRow | undefined {
  const offs: number[] = [];
  const evs: EventRecord[] = [];
  for (const [index, offset] of offsetsIn(row).entries()) {
    if (unwanted.has(offset)) continue;
    offs.push(offset);
    evs.push(row.evs[index] as EventRecord);
  }
  if (evs.length === row.n) return row;
  if (evs.length === 0) return undefined;
  const bytes = evs.reduce((sum, event) => sum + roughBytes(event), 0);
  return { ...packRow(evs, bytes), k: row.k, offs };
}
