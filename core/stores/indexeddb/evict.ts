import type { Database } from './connection.js';
import { begin } from './live-transactions.js';
import { STATE } from './log-state.js';
import { offsetOf, type RowSize } from './rows.js';
import { lastOffsetOf, slowest, type Trim } from './trim.js';

/** How much of the log, at most: who has so little that no row is less is not who has used up the space. */
const SHARE = 0.25;

/**
 * Lets go of the oldest part of the log when the space is used up, so that nothing can be written, not even where the
 * log begins now: of what every cursor has passed, and so without anybody having to be told.
 */
export async function evictRows(db: Database): Promise<Trim | undefined> {
  const transaction = begin(db, ['rows', 'meta', 'cursors'], 'readwrite');
  const rows = transaction.objectStore('rows');
  const passed = slowest(await transaction.objectStore('cursors').getAll());
  const sizes: RowSize[] = [];
  let cursor = await rows.index('size').openKeyCursor();
  for (; cursor !== null; cursor = await cursor.continue()) sizes.push(cursor.key);
  const enough = SHARE * sizes.reduce((sum, [, , bytes]) => sum + bytes, 0);
  let [events, bytes] = [0, 0];
  let last: number | undefined;
  for (const [k, n, size] of sizes) {
    if (bytes + size > enough || offsetOf(k + 1, 0) - 1 > passed) break;
    last = k;
    events += n;
    bytes += size;
  }
  if (last === undefined) return undefined;
  const floor = await lastOffsetOf(rows, last);
  await Promise.all([
    rows.delete(IDBKeyRange.upperBound(last)),
    transaction.objectStore('meta').delete(STATE),
    transaction.done,
  ]);
  return { floor, events, bytes };
}
