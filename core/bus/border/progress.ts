import { Fifo } from '../dispatch/fifo.js';

/** An event that a subscription has begun with. */
export interface Begun {
  readonly offset: number;
  settled: boolean;
}

/** How far the events of a subscription are settled, in whatever order they settle: never past one that is not. */
export class Progress {
  /** All up to here is settled. */
  offset: number;
  /** How many events that were. */
  count = 0;
  /** Events that are being handled, or wait to be. */
  inFlight = 0;
  readonly #begun = new Fifo<Begun>();

  constructor(offset: number) {
    this.offset = offset;
  }

  /** How many events have settled so far, those included that have one before them that has not. */
  get settled(): number {
    return this.count + this.#begun.size - this.inFlight;
  }

  begin(offset: number): Begun {
    const begun = { offset, settled: false };
    this.#begun.push(begun);
    this.inFlight++;
    return begun;
  }

  settle(begun: Begun): void {
    begun.settled = true;
    this.inFlight--;
    for (let first = this.#begun.first; first?.settled === true; first = this.#begun.first) {
      this.#begun.shift();
      this.offset = first.offset;
      this.count++;
    }
  }

  /** Nobody handles it any more, and it is not settled: everything stays before it. */
  leave(): void {
    this.inFlight--;
  }

  /** There is nothing for the subscription up to an offset, beside what has begun. */
  passed(offset: number): void {
    if (this.#begun.size === 0) this.offset = Math.max(this.offset, offset);
  }
}
