import { unwrap } from 'idb';
import { type Durability, type EventRecord, locateCloneFault, SerializationError } from '../../index.js';
import type { Database } from './connection.js';
import { offsetOf, packRows, type Row } from './rows.js';

/** Records that are stored together or not at all, and whom to tell. */
export interface Append {
  readonly records: readonly EventRecord[];
  /** Rough size of each record. */
  readonly sizes: readonly number[];
  readonly durability: Durability;
  readonly resolve: (offsets: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A transaction under way: the appends in it, and the offsets of all their records once it is complete. */
export interface Write {
  readonly group: readonly Append[];
  readonly offsets: Promise<readonly number[]>;
}

/**
 * Starts the transaction that stores a group; when this returns, the page has nothing left to do for it to commit. A
 * record that cannot be cloned fails its own append alone: the group is halved until that one stands apart, each part
 * in a transaction of its own, in order.
 */
export function startWrites(db: Database, group: readonly Append[]): readonly Write[] {
  const records = group.flatMap((append) => append.records);
  const rows = packRows(
    records,
    group.flatMap((append) => append.sizes),
  );
  const durability = group.some((append) => append.durability === 'strict') ? 'strict' : 'relaxed';
  // The platform's own objects: a promise for each request costs more than a small request.
  const transaction = unwrap(db).transaction('rows', 'readwrite', { durability });
  try {
    const store = transaction.objectStore('rows');
    const keys = rows.map((row) => store.add(row));
    transaction.commit();
    return [{ group, offsets: completion(transaction, rows, keys) }];
  } catch (cause) {
    transaction.abort();
    const half = group.length >> 1;
    if (half > 0) return [...startWrites(db, group.slice(0, half)), ...startWrites(db, group.slice(half))];
    return [{ group, offsets: Promise.reject(refusal(db, records, cause)) }];
  }
}

/** Nothing but completion counts: a request that succeeded is undone when the space runs out at commit. */
function completion(
  transaction: IDBTransaction,
  rows: readonly Row[],
  keys: readonly IDBRequest<IDBValidKey>[],
): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () =>
      resolve(rows.flatMap(({ evs }, r) => evs.map((_, i) => offsetOf(keys[r]?.result as number, i))));
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('The transaction was aborted', 'AbortError'));
  });
}

/** Which record of an append the database does not take; the platform's own error when it is none of them. */
function refusal(db: Database, records: readonly EventRecord[], cause: unknown): unknown {
  const index = records.findIndex((record) => !isStorable(db, record));
  const record = records[index];
  if (record === undefined) return cause;
  const fault = locateCloneFault(records, cause);
  // The database refuses more than structured clone does: shared memory and compiled WebAssembly.
  return fault.index === index
    ? fault
    : new SerializationError(record.type, 'data', 'refused by IndexedDB', index, cause);
}

function isStorable(db: Database, record: EventRecord): boolean {
  const transaction = unwrap(db).transaction('rows', 'readwrite');
  try {
    transaction.objectStore('rows').add({ evs: [record] });
    return true;
  } catch {
    return false;
  } finally {
    transaction.abort();
  }
}
