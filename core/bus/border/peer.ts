import type { Clock } from '../clock.js';
import type { Gap, GapFinder } from './gap.js';
import type { Link } from './link.js';
import type { SentRecord } from './record-check.js';

/** A record that came over a link, or was found in the store. */
export interface Arrival {
  readonly link: Link | undefined;
  readonly record: SentRecord;
}

/** What a peer is made of. */
export interface PeerParts {
  readonly clock: Clock;
  /** Absent when no store can have what is missing. */
  readonly finder: GapFinder | undefined;
  readonly deliver: (arrival: Arrival) => void;
  readonly repeated: (arrival: Arrival) => void;
  readonly missed: (node: string, gap: Gap, filled: number) => void;
  /** Called when records begin to wait for missing ones, and when they no longer do. */
  readonly holds: (holding: boolean) => void;
}

/** How many records wait for missing ones, and for how long: a store that hangs must not stop what does arrive. */
const MOST_HELD = 10_000;
const LONGEST_WAIT_MS = 10_000;

/** A page that is left starts its last commits as it says bye, and they take a while. */
const LAST_COMMIT_MS = 500;

/** How many gaps stay open for records that come late. */
const MOST_GAPS = 250;

/**
 * The records of one other node. By their sequence each is taken once (T3), and what is missing is looked up while what
 * came after it waits (T7).
 */
export class Peer {
  readonly #node: string;
  readonly #parts: PeerParts;
  /** The sequence its next record should have. */
  #next: number;
  /** What did not arrive, ascending: nothing else below `next` is taken any more. */
  readonly #missing: Gap[];
  /** Gaps that are being looked up, or will be next. */
  #wanted: Gap[] = [];
  #held: Arrival[] | undefined;
  #searching = false;
  /** Timers: for the end of a search, and for the last commits of a node that left. */
  #limit: unknown;
  #farewell: unknown;

  /** The first sequence heard of; what was sent before it is not missed, but may still arrive. */
  constructor(node: string, first: number, parts: PeerParts) {
    this.#node = node;
    this.#parts = parts;
    this.#next = first;
    this.#missing = [{ from: 0, to: first - 1 }];
  }

  /** Notes that the node has sent its records up to `sequence`, whether they arrived or not. */
  sent(sequence: number): void {
    if (sequence < this.#next) return;
    const gap = { from: this.#next, to: sequence };
    this.#next = sequence + 1;
    const last = this.#missing.at(-1);
    // Nothing came between: one gap that grows, or greetings that were forged could push those out that fill up.
    if (last !== undefined && last.to === gap.from - 1)
      this.#missing[this.#missing.length - 1] = { ...last, to: gap.to };
    else this.#missing.push(gap);
    if (this.#missing.length > MOST_GAPS) this.#missing.shift();
    this.#want(gap);
  }

  /** Notes that the node has left, without sending all of its records up to `sequence`, maybe. */
  left(sequence: number): void {
    const { clock, finder } = this.#parts;
    if (finder === undefined || sequence < this.#next) this.sent(sequence);
    else {
      clock.clearTimeout(this.#farewell);
      this.#farewell = clock.setTimeout(() => this.sent(sequence), LAST_COMMIT_MS);
    }
  }

  /** Waits for nothing any more. */
  close(): void {
    const { clock } = this.#parts;
    clock.clearTimeout(this.#farewell);
    clock.clearTimeout(this.#limit);
    this.#held = undefined;
  }

  take(arrival: Arrival): void {
    const { seq } = arrival.record;
    if (seq > this.#next) this.sent(seq - 1);
    if (seq === this.#next) this.#next = seq + 1;
    else if (!this.#close(seq)) {
      this.#parts.repeated(arrival);
      return;
    }
    if (this.#held === undefined) this.#parts.deliver(arrival);
    else if (this.#held.push(arrival) > MOST_HELD) this.#giveUp();
  }

  /** Takes a sequence out of what is missing; false when it is not. */
  #close(seq: number): boolean {
    const missing = this.#missing;
    const at = missing.findLastIndex(({ from }) => from <= seq);
    const gap = missing[at];
    if (gap === undefined || gap.to < seq) return false;
    const rest = [
      { from: gap.from, to: seq - 1 },
      { from: seq + 1, to: gap.to },
    ];
    missing.splice(at, 1, ...rest.filter(({ from, to }) => from <= to));
    return true;
  }

  #want(gap: Gap): void {
    const { finder } = this.#parts;
    // A search without records that wait for it is one that was given up.
    if (finder === undefined || (this.#searching && this.#held === undefined)) {
      this.#parts.missed(this.#node, gap, 0);
      return;
    }
    this.#wanted.push(gap);
    if (!this.#searching) void this.#search(finder);
  }

  async #search(finder: GapFinder): Promise<void> {
    const { clock, holds, missed } = this.#parts;
    this.#searching = true;
    this.#held = [];
    holds(true);
    this.#limit = clock.setTimeout(() => this.#giveUp(), LONGEST_WAIT_MS);
    // New gaps may open during a search: they are the next one's.
    while (this.#held !== undefined && this.#wanted.length + this.#held.length > 0) {
      const gaps = this.#wanted.slice();
      const found = gaps.length === 0 ? [] : await finder.find(this.#node, gaps);
      if (this.#held === undefined) break;
      this.#wanted.splice(0, gaps.length);
      let at = 0;
      for (const gap of gaps) {
        const before = at;
        while ((found[at]?.seq ?? Number.POSITIVE_INFINITY) <= gap.to) at++;
        missed(this.#node, gap, at - before);
      }
      this.#release(found, this.#wanted[0]?.from ?? Number.POSITIVE_INFINITY);
    }
    clock.clearTimeout(this.#limit);
    this.#searching = false;
    if (this.#held === undefined) return;
    this.#held = undefined;
    holds(false);
  }

  /** Delivers what was found and what waited, in order, up to the next gap. */
  #release(found: readonly SentRecord[], before: number): void {
    const held = this.#held ?? [];
    // Set first: a delivery may bring further arrivals before it returns.
    this.#held = held.filter(({ record }) => record.seq >= before);
    const ready = held.filter(({ record }) => record.seq < before);
    for (const record of found) if (this.#close(record.seq)) ready.push({ link: undefined, record });
    for (const arrival of ready.sort((a, b) => a.record.seq - b.record.seq)) this.#parts.deliver(arrival);
  }

  #giveUp(): void {
    if (this.#held === undefined) return;
    for (const gap of this.#wanted.splice(0)) this.#parts.missed(this.#node, gap, 0);
    while (this.#held.length > 0) this.#release([], Number.POSITIVE_INFINITY);
    this.#held = undefined;
    this.#parts.holds(false);
  }
}
