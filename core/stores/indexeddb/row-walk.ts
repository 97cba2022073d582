import type { HistoryQuery } from '../../index.js';
import { candidateRows, type Rows } from './candidates.js';
import type { Database } from './connection.js';
import { begin } from './live-transactions.js';
import { offsetOf, offsetsIn, rowOf, type StoredRow } from './rows.js';

/** To read a row takes about so many times as long as to learn from an index that it is wanted. */
const FEW = 20;

/**
 * A walk over the rows that may hold what is asked for, in the order asked for; it ends at the newest row of its start.
 * Between two of its pages rows may be merged into later ones, purged or trimmed: it may meet events again then, at
 * most, and never misses one. For that each page looks for the row an event is in now, not where it was.
 */
export class RowWalk {
  readonly #descending: boolean;
  /** What an index named, in the order asked for; without it every row between two is read. */
  readonly #keys: readonly number[] | undefined;
  #next = 0;
  /** Rows as they were added: the first and the last whose events are still to be read. */
  #first: number;
  #last: number;
  /** The oldest row there was, and the one that was read last. */
  readonly #oldest: number;
  #latest: number | undefined;
  #ended: boolean;

  private constructor(query: HistoryQuery, first: number, last: number, oldest: number, keys?: readonly number[]) {
    this.#descending = query.order === 'desc';
    this.#first = first;
    this.#last = last;
    this.#oldest = oldest;
    this.#keys = this.#descending ? keys?.toReversed() : keys;
    this.#ended = first > last || keys?.length === 0;
  }

  static async start(db: Database, query: HistoryQuery): Promise<RowWalk> {
    const { after = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY } = query;
    const rows = rowsIn(db);
    const [oldest, newest] = await Promise.all([rows.openKeyCursor(), rows.openKeyCursor(null, 'prev')]);
    if (oldest === null || newest === null) return new RowWalk(query, 1, 0, 0);
    const first = rowOf(after);
    const last = Math.min(rowOf(Math.ceil(before) - 1), newest.key);
    if (first > last) return new RowWalk(query, first, last, oldest.key);
    // An index names the rows of the whole log; a consumer that is nearly done is better off without most of them.
    const few = (last - Math.max(first, oldest.key)) * FEW < newest.key - oldest.key;
    const candidates = await candidateRows(rows, query, few);
    if (candidates === undefined) return new RowWalk(query, first, last, oldest.key);
    const end = await rows.getKey(IDBKeyRange.lowerBound(last));
    const keys = candidates.filter((key) => key >= first && key <= (end ?? last));
    return new RowWalk(query, first, last, oldest.key, keys);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Only events with lower offsets are wanted. */
  get end(): number {
    return offsetOf(this.#last + 1, 0);
  }

  /** The next rows, about `count`; the walk moves on only when they have been read. */
  read(db: Database, count: number): Promise<readonly StoredRow[]> {
    const rows = rowsIn(db);
    if (this.#keys !== undefined) return this.#named(rows, this.#keys, count);
    return this.#descending ? this.#backwards(rows, count) : this.#forwards(rows, count);
  }

  async #named(rows: Rows, keys: readonly number[], count: number): Promise<readonly StoredRow[]> {
    const wanted = keys.slice(this.#next, this.#next + count);
    const found = await Promise.all(wanted.map((key) => rows.get(IDBKeyRange.lowerBound(key))));
    this.#next += count;
    this.#ended = this.#next >= keys.length;
    return found.filter((row) => row !== undefined);
  }

  async #forwards(rows: Rows, count: number): Promise<readonly StoredRow[]> {
    const found = await rows.getAll(IDBKeyRange.bound(this.#first, this.#last), count);
    const latest = found.at(-1)?.k;
    if (found.length < count && latest !== this.#last) {
      const merged = await rows.get(IDBKeyRange.lowerBound(this.#last, true));
      if (merged !== undefined) found.push(merged);
    }
    this.#ended = latest === undefined || found.length < count || latest >= this.#last;
    this.#first = (latest ?? this.#last) + 1;
    return found;
  }

  async #backwards(rows: Rows, count: number): Promise<readonly StoredRow[]> {
    const top = (await rows.getKey(IDBKeyRange.lowerBound(this.#last))) ?? this.#last;
    // Where there is none in between, the row that was read last comes first again.
    const wanted = top === this.#latest ? count + 1 : count;
    // getAll has no direction.
    let lowest = await rows.openKeyCursor(IDBKeyRange.bound(this.#first, top), 'prev');
    if (wanted > 1) lowest = (await lowest?.advance(wanted - 1)) ?? null;
    const found = await rows.getAll(IDBKeyRange.bound(lowest?.key ?? this.#first, top));
    const latest = found[0];
    if (lowest !== null && latest !== undefined) {
      this.#latest = latest.k;
      this.#last = rowOf(offsetsIn(latest)[0] ?? 0) - 1;
    }
    this.#ended = lowest === null || this.#last < this.#first || (this.#latest ?? 0) <= this.#oldest;
    return found.reverse();
  }
}

function rowsIn(db: Database): Rows {
  return begin(db, ['rows']).objectStore('rows');
}
