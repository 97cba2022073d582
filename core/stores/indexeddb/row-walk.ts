import type { HistoryQuery } from '../../index.js';
import { candidateRows, type Rows } from './candidates.js';
import type { Database } from './connection.js';
import { rowsBetween, type StoredRow } from './rows.js';

/** What is left to read: either every row between two keys, or the rows that an index named. */
type Rest = { first: number; last: number } | { readonly keys: readonly number[]; next: number };

/** To read a row takes about so many times as long as to learn from an index that it is wanted. */
const FEW = 20;

/** A walk over the rows that may hold what is asked for, in the order asked for; it ends at the newest row of its start. */
export class RowWalk {
  readonly #descending: boolean;
  readonly #rest: Rest;

  private constructor(descending: boolean, rest: Rest) {
    this.#descending = descending;
    this.#rest = rest;
  }

  static async start(db: Database, query: HistoryQuery): Promise<RowWalk> {
    const { after = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY } = query;
    const rows = rowsIn(db);
    const [oldest, newest] = await Promise.all([rows.openKeyCursor(), rows.openKeyCursor(null, 'prev')]);
    const [lowest, highest] = [oldest?.key ?? 1, newest?.key ?? 0];
    const range = rowsBetween(after, before);
    const first = Math.max(range.first, lowest);
    const last = Math.min(range.last, highest);
    const descending = query.order === 'desc';
    // An index names the rows of the whole log; a consumer that is nearly done is better off without most of them.
    const few = (last - first) * FEW < highest - lowest;
    const candidates = first > last ? [] : await candidateRows(rows, query, few);
    if (candidates === undefined) return new RowWalk(descending, { first, last });
    const keys = candidates.filter((key) => key >= first && key <= last);
    return new RowWalk(descending, { keys: descending ? keys.reverse() : keys, next: 0 });
  }

  get ended(): boolean {
    const rest = this.#rest;
    return 'keys' in rest ? rest.next >= rest.keys.length : rest.first > rest.last;
  }

  /** The next rows, at most `count`; the walk moves on only when they have been read. */
  async read(db: Database, count: number): Promise<readonly StoredRow[]> {
    const rows = rowsIn(db);
    const rest = this.#rest;
    if ('keys' in rest) {
      const found = await Promise.all(rest.keys.slice(rest.next, rest.next + count).map((key) => rows.get(key)));
      rest.next += count;
      return found.filter((row) => row !== undefined);
    }
    if (this.#descending) {
      // Rows are numbered without gaps worth the name; getAll has no direction.
      const first = Math.max(rest.first, rest.last - count + 1);
      const found = await rows.getAll(IDBKeyRange.bound(first, rest.last));
      rest.last = first - 1;
      return found.reverse();
    }
    const found = await rows.getAll(IDBKeyRange.bound(rest.first, rest.last), count);
    rest.first = found.length < count ? rest.last + 1 : (found.at(-1)?.k ?? rest.last) + 1;
    return found;
  }
}

function rowsIn(db: Database): Rows {
  const transaction = db.transaction('rows');
  // Its requests say when it fails; a promise that says so again would be one that nobody handles.
  transaction.done.catch(() => {});
  return transaction.store;
}
