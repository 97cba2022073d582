import { Fifo } from './fifo.js';

/** What waits to be dispatched. */
export interface Queued {
  readonly priority: number;
}

/** Lanes in a row; a full row is cut in two, so that a new lane moves a few neighbours and not a hundred thousand. */
const ROW = 128;

/** Waiting events: higher priority first, then order of arrival (D5). */
export class EventQueue<T extends Queued> {
  /** How many wait; to be read only. */
  size = 0;
  /** Who leaves next. The only lane there is may be empty, and then takes whatever priority comes. */
  #highest: Lane<T> = new Lane(0);
  /** Lanes by priority, the lowest first; none of them is empty where there are several. */
  #rows: Lane<T>[][] = [[this.#highest]];

  push(item: T): void {
    const { priority } = item;
    if (this.size === 0) this.#highest.priority = priority;
    this.size++;
    const lane = this.#highest.priority === priority ? this.#highest : this.#lane(priority);
    lane.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    this.size--;
    const item = this.#highest.shift();
    if (this.#highest.size === 0 && this.size > 0) this.#leaveHighest();
    return item;
  }

  /** Who leaves next. */
  get first(): T | undefined {
    return this.#highest.first;
  }

  /** The lowest priority there is. */
  get lowest(): number | undefined {
    return this.size === 0 ? undefined : this.#rows[0]?.[0]?.priority;
  }

  /** Takes away who has waited longest among the lowest priority. */
  dropOldest(): T | undefined {
    if (this.size === 0) return undefined;
    this.size--;
    const row = this.#rows[0] as Lane<T>[];
    const lowest = row[0] as Lane<T>;
    const item = lowest.shift();
    if (lowest.size === 0 && this.size > 0) {
      row.shift();
      if (row.length === 0) this.#rows.shift();
    }
    return item;
  }

  clear(): void {
    this.size = 0;
    this.#highest = new Lane(0);
    this.#rows = [[this.#highest]];
  }

  #lane(priority: number): Lane<T> {
    const rows = this.#rows;
    const place = Math.max(0, placeAfter(rows, priority, (row) => (row[0] as Lane<T>).priority) - 1);
    const row = rows[place] as Lane<T>[];
    const at = placeAfter(row, priority, (lane) => lane.priority);
    const found = row[at - 1];
    if (found?.priority === priority) return found;
    const lane = new Lane<T>(priority);
    // Not splice: that makes an array for what it takes out.
    for (let i = row.length; i > at; i--) row[i] = row[i - 1] as Lane<T>;
    row[at] = lane;
    if (priority > this.#highest.priority) this.#highest = lane;
    if (row.length === ROW) rows.splice(place + 1, 0, row.splice(ROW / 2));
    return lane;
  }

  #leaveHighest(): void {
    const rows = this.#rows;
    const row = rows.at(-1) as Lane<T>[];
    row.pop();
    if (row.length === 0) rows.pop();
    this.#highest = rows.at(-1)?.at(-1) as Lane<T>;
  }
}

/** Those of one priority. */
class Lane<T> extends Fifo<T> {
  priority: number;

  constructor(priority: number) {
    super();
    this.priority = priority;
  }
}

/** The first place, of items that ascend, whose item is above `priority`. */
function placeAfter<I>(items: readonly I[], priority: number, of: (item: I) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of(items[middle] as I) <= priority) low = middle + 1;
    else high = middle;
  }
  return low;
}
