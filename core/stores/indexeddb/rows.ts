import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { DeadLetterRecord, EventRecord } from '../../index.js';
import type { StoredCursor } from './cursors.js';
import type { LogState } from './log-state.js';

/**
 * What the database holds. Writing costs by the row, hardly by the byte, so a row packs many events, and an offset
 * says where an event is: event `i` of row `k` has offset `k * 1000 + i`.
 *
 * The database itself numbers the rows, inside the transaction that adds them. To read a counter first would take a
 * turn of the event loop, which a page that is being left does not get.
 */
export interface Schema extends DBSchema {
  rows: {
    key: number;
    value: StoredRow;
    /** Since version 3, `size`: what can be learned of a row without reading it. */
    indexes: { corr: string; types: string; from: number; to: number; size: RowSize };
  };
  /** Since version 2. */
  letters: { key: string; value: DeadLetterRecord };
  /** Since version 3. */
  cursors: { key: string; value: StoredCursor };
  /** Since version 3. */
  meta: { key: string; value: LogState | number };
}

/** Events that are next to each other in the log. */
export interface Row {
  /** How many events. */
  readonly n: number;
  /** Roughly. */
  readonly bytes: number;
  /** Lowest and highest timestamp. */
  readonly from: number;
  readonly to: number;
  readonly evs: readonly EventRecord[];
  /** The correlation ids and types in it, each once. */
  readonly corr: readonly string[];
  readonly types: readonly string[];
  /**
   * The offset of each event, in a row that is not as it was added: of some, events were purged; others were merged, into
   * the one with the highest key. So an event is always in the first row whose key is not below that of its own.
   */
  readonly offs?: readonly number[];
}

export type StoredRow = Row & { readonly k: number };

/** Key, events, bytes and highest timestamp of a row. */
export type RowSize = [k: number, n: number, bytes: number, to: number];

/** Raised when the schema grows; only ever add to it, since tabs with an older release may be open. */
export const VERSION = 3;

/** How many events, and bytes, one row and one transaction take at most; a single append or event may be larger. */
export const MOST_EVENTS = 500;
export const MOST_BYTES: number = 256 * 1024;

const OFFSETS_PER_ROW = 1000;

/** Brings a database up to date from whatever version it has; false when it is not one of ours. */
export function growSchema(
  db: IDBPDatabase<Schema>,
  from: number,
  transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
): boolean {
  if (from === 0) {
    const rows = db.createObjectStore('rows', { keyPath: 'k', autoIncrement: true });
    rows.createIndex('corr', 'corr', { multiEntry: true });
    rows.createIndex('types', 'types', { multiEntry: true });
    rows.createIndex('from', 'from');
    rows.createIndex('to', 'to');
  }
  if (!db.objectStoreNames.contains('rows')) return false;
  if (from < 2) db.createObjectStore('letters', { keyPath: 'id' });
  transaction.objectStore('rows').createIndex('size', ['k', 'n', 'bytes', 'to']);
  db.createObjectStore('cursors', { keyPath: 'name' });
  db.createObjectStore('meta');
  return true;
}

export function offsetOf(row: number, index: number): number {
  return row * OFFSETS_PER_ROW + index;
}

/** The key of the row that an offset was given in. */
export function rowOf(offset: number): number {
  return Math.floor(offset / OFFSETS_PER_ROW);
}

export function offsetsIn({ k, n, offs }: StoredRow): readonly number[] {
  return offs ?? Array.from({ length: n }, (_, index) => offsetOf(k, index));
}

/** Packs records, each with its size, into rows. */
export function packRows(records: readonly EventRecord[], sizes: readonly number[]): readonly Row[] {
  const rows: Row[] = [];
  let start = 0;
  let bytes = 0;
  for (let end = 0; end <= records.length; end++) {
    const size = sizes[end] ?? 0;
    const full = end - start >= MOST_EVENTS || bytes + size > MOST_BYTES;
    if (end > start && (full || end === records.length)) {
      rows.push(packRow(records.slice(start, end), bytes));
      start = end;
      bytes = 0;
    }
    bytes += size;
  }
  return rows;
}

export function packRow(evs: readonly EventRecord[], bytes: number): Row {
  const corr = new Set<string>();
  const types = new Set<string>();
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { correlationId, type, timestamp } of evs) {
    corr.add(correlationId);
    types.add(type);
    if (timestamp < from) from = timestamp;
    if (timestamp > to) to = timestamp;
  }
  return { n: evs.length, bytes, from, to, evs, corr: [...corr], types: [...types] };
}
