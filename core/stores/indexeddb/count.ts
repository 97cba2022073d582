import type { Database } from './connection.js';
import { begin } from './live-transactions.js';
import { type LogState, logState, STATE } from './log-state.js';

/** In one transaction, in which no event is written: about ten milliseconds. */
const MOST_ROWS = 250;

/**
 * Adds the rows that nobody has counted yet to the state of the log. Whoever writes events counts none: the transaction
 * would have to read first what there were, and a page that is left has no time for that.
 */
export async function countRows(db: Database): Promise<LogState> {
  for (;;) {
    const transaction = begin(db, ['rows', 'meta'], 'readwrite');
    const meta = transaction.objectStore('meta');
    const state = await logState(meta);
    let { counted, events, bytes } = state;
    const uncounted = IDBKeyRange.lowerBound([counted + 1]);
    let cursor = await transaction.objectStore('rows').index('size').openKeyCursor(uncounted);
    for (let step = 0; cursor !== null && step < MOST_ROWS; step++) {
      const [k, n, size] = cursor.key;
      counted = k;
      events += n;
      bytes += size;
      cursor = await cursor.continue();
    }
    const now = { ...state, counted, events, bytes };
    if (counted > state.counted) await meta.put(now, STATE);
    await transaction.done;
    if (cursor === null) return now;
  }
}
