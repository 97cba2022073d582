import type { IDBPObjectStore, StoreNames } from 'idb';
import type { Database } from './connection.js';
import type { StoredCursor } from './cursors.js';
import { begin } from './live-transactions.js';
import { FLOOR, logState, STATE } from './log-state.js';
import type { Limits } from './retention.js';
import { offsetOf, offsetsIn, type RowSize, type Schema } from './rows.js';

/** What was let go of. */
export interface Trim {
  /** The highest offset among it. */
  readonly floor: number;
  readonly events: number;
  readonly bytes: number;
}

/** Once the log is too large, so much of the limit is left of it: to trim a little is hardly less work than much. */
const LEFT = 0.9;
/** Rows that a cursor has still to pass stay until the log is so many times too large. */
const PATIENCE = 2;
/** In one transaction, in which no event is written. */
const MOST_ROWS = 250;

/**
 * Lets go of the oldest rows, whole, while the log exceeds a limit; `hurry` does not wait for cursors where nothing else
 * can go. The newest row stays, however large, unless it is too old. Undefined when there was nothing to do.
 */
export async function trimLog(db: Database, limits: Limits, now: number, hurry = false): Promise<Trim | undefined> {
  let whole: Trim | undefined;
  for (let isCut = false; ; ) {
    const part = await trimSome(db, limits, now, { hurry, goesOn: isCut });
    if (part === undefined) return whole;
    const { events = 0, bytes = 0 } = whole ?? {};
    whole = { floor: part.floor, events: events + part.events, bytes: bytes + part.bytes };
    isCut = part.isCut;
    if (!isCut) return whole;
  }
}

/** One transaction of it; `isCut` when there was no time to see all that may go. */
async function trimSome(
  db: Database,
  limits: Limits,
  now: number,
  { hurry, goesOn }: { readonly hurry: boolean; readonly goesOn: boolean },
): Promise<(Trim & { readonly isCut: boolean }) | undefined> {
  const transaction = begin(db, ['rows', 'meta', 'cursors'], 'readwrite');
  const [rows, meta] = [transaction.objectStore('rows'), transaction.objectStore('meta')];
  const [state, cursors] = await Promise.all([logState(meta), transaction.objectStore('cursors').getAll()]);
  const passed = slowest(cursors);
  const isHeld = ([k]: RowSize): boolean => offsetOf(k + 1, 0) - 1 > passed;
  const isLarge = (held: { events: number; bytes: number }, times: number): boolean =>
    held.events > times * limits.maxEvents || held.bytes > times * limits.maxBytes;
  const left = { events: state.events, bytes: state.bytes };

  let last: number | undefined;
  let cursor = await rows.index('size').openKeyCursor(IDBKeyRange.upperBound([state.counted + 1]));
  const aim = (times: number): number => (isLarge(state, times) || (goesOn && times === 1) ? times * LEFT : times);
  const patience = hurry && cursor !== null && isHeld(cursor.key) ? 1 : PATIENCE;
  let step = 0;
  for (; cursor !== null && step < MOST_ROWS; step++) {
    const row = cursor.key;
    const [k, events, bytes, to] = row;
    const times = isHeld(row) ? patience : 1;
    const isOld = to < now - times * limits.maxAgeMs;
    if (!isOld && (k === state.counted || !isLarge(left, aim(times)))) break;
    last = k;
    left.events -= events;
    left.bytes -= bytes;
    cursor = await cursor.continue();
  }
  if (last === undefined) return undefined;
  const floor = await lastOffsetOf(rows, last);
  await Promise.all([
    rows.delete(IDBKeyRange.upperBound(last)),
    meta.put({ ...state, ...left }, STATE),
    meta.put(floor, FLOOR),
    transaction.done,
  ]);
  return { floor, events: state.events - left.events, bytes: state.bytes - left.bytes, isCut: step === MOST_ROWS };
}

/** The offset up to which every cursor is done, with what it has still to try again. */
export function slowest(cursors: readonly StoredCursor[]): number {
  let offset = Number.POSITIVE_INFINITY;
  for (const cursor of cursors) {
    offset = Math.min(offset, cursor.offset, ...cursor.retries.map((retry) => retry.offset - 1));
  }
  return offset;
}

/** Of the last event in a row. */
export async function lastOffsetOf<Names extends ArrayLike<StoreNames<Schema>>, Mode extends IDBTransactionMode>(
  rows: IDBPObjectStore<Schema, Names, 'rows', Mode>,
  key: number,
): Promise<number> {
  const row = await rows.get(key);
  return (row && offsetsIn(row).at(-1)) ?? offsetOf(key, 0);
}
