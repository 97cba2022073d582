import { type CompiledFilter, compileFilter } from './filter/compile-filter.js';
import { parseFilter } from './filter/parse-filter.js';
import type { Recorder } from './recorder.js';

/** Rows tested between two looks at the clock. */
const STRIDE = 512;

/**
 * The events that pass a filter, in order, kept up to date in pieces: what was tested before is not tested again, but
 * for events whose status has changed since.
 */
export class LiveMatches {
  readonly #recorder: Recorder;
  readonly #now: () => number;
  #filter: CompiledFilter;
  /** Matching sequence numbers as a ring; unused while every event passes. */
  #found: Float64Array = new Float64Array(0);
  #first = 0;
  #count = 0;
  /** The events that were tested: from, up to but not including to. */
  #from = 0;
  #to = 0;
  #changes = 0;
  #dropped = 0;

  constructor(recorder: Recorder, now: () => number) {
    this.#recorder = recorder;
    this.#now = now;
    this.#filter = compileFilter(parseFilter(''), recorder);
    this.#restart();
  }

  get count(): number {
    return this.#filter.isEmpty ? this.#to - this.#from : this.#count;
  }

  /** Matches that were evicted since the filter was set: what the position of every other match has lost. */
  get dropped(): number {
    return this.#dropped;
  }

  set filter(filter: CompiledFilter) {
    this.#filter = filter;
    if (!filter.isEmpty && this.#found.length === 0) this.#found = new Float64Array(this.#recorder.events.capacity);
    this.#restart();
  }

  /** The sequence number of the match at a position; only positions below {@link LiveMatches.count} have one. */
  at(index: number): number {
    return this.#filter.isEmpty ? this.#from + index : (this.#found[this.#place(index)] as number);
  }

  /** The position of an event, or where it would be. */
  search(sequence: number): number {
    if (this.#filter.isEmpty) return Math.min(Math.max(0, sequence - this.#from), this.count);
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(sequence: number): boolean {
    const index = this.search(sequence);
    return index < this.count && this.at(index) === sequence;
  }

  /** Takes in what is new, for about as long as allowed; false when there is more to do. */
  advance(budgetMs: number): boolean {
    const { events } = this.#recorder;
    const { head, tail } = events;
    // Cleared, or preceded by events out of the store: begin again.
    if (tail < this.#from) this.#restart();
    if (this.#filter.isEmpty) this.#dropped += Math.min(tail, this.#to) - this.#from;
    this.#from = tail;
    this.#to = Math.max(this.#to, tail);
    if (this.#filter.isEmpty) {
      this.#to = head;
      return true;
    }
    while (this.#count > 0 && this.at(0) < tail) {
      this.#first++;
      this.#count--;
      this.#dropped++;
    }
    this.#reconsider();
    const until = this.#now() + budgetMs;
    while (this.#to < head) {
      const stop = Math.min(head, this.#to + STRIDE);
      for (; this.#to < stop; this.#to++) {
        if (this.#filter.test(this.#to & events.mask)) this.#found[this.#place(this.#count++)] = this.#to;
      }
      if (this.#to < head && this.#now() > until) return false;
    }
    return true;
  }

  #restart(): void {
    const { tail } = this.#recorder.events;
    this.#first = 0;
    this.#count = 0;
    this.#dropped = 0;
    this.#from = tail;
    this.#to = this.#filter.isEmpty ? this.#recorder.events.head : tail;
    this.#changes = this.#recorder.settled.count;
  }

  /** Tests again what has changed since it was tested. */
  #reconsider(): void {
    const { events, settled } = this.#recorder;
    const changed = settled.since(this.#changes);
    this.#changes = settled.count;
    if (!this.#filter.isVolatile) return;
    if (changed === undefined) {
      this.#restart();
      return;
    }
    for (const sequence of changed) {
      if (sequence >= this.#to || !events.has(sequence)) continue;
      const passes = this.#filter.test(sequence & events.mask);
      if (passes !== this.has(sequence)) this.#move(this.search(sequence), passes ? sequence : undefined);
    }
  }

  /** Puts a sequence number in at a position, or takes out the one that is there. */
  #move(index: number, sequence: number | undefined): void {
    if (sequence === undefined) {
      for (let i = index; i < this.#count - 1; i++) this.#found[this.#place(i)] = this.at(i + 1);
      this.#count--;
      return;
    }
    for (let i = this.#count; i > index; i--) this.#found[this.#place(i)] = this.at(i - 1);
    this.#found[this.#place(index)] = sequence;
    this.#count++;
  }

  #place(index: number): number {
    return (this.#first + index) & this.#recorder.events.mask;
  }
}
