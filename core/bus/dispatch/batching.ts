import type { Clock } from '../clock.js';
import { InvalidOptionError } from '../errors.js';
import type { BatchOptions } from '../router/subscription.js';
import { assertCount, assertDuration } from './queue-limits.js';

/** What waits to be made. */
export interface Waiting {
  /** Since when, by the precise clock, in ms. */
  readonly waitsSince: number;
}

/** Says when the calls that wait are to be made as one: when there are `size`, or the first has waited `maxWaitMs` (Q5). */
export class Batching {
  readonly size: number;
  /** Batches under way. */
  running = 0;
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  /** Who the timer is for, or was. */
  #first: Waiting | undefined;
  #timer: unknown;
  #isDue = false;
  #isHurried = false;

  /** @throws InvalidOptionError */
  constructor(clock: Clock, options: BatchOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidOptionError('batch', options, 'an object with size and maxWaitMs');
    }
    // Read once: what was checked is what is used.
    const { size, maxWaitMs } = options;
    assertCount('batch.size', size, 1);
    if (size === Number.POSITIVE_INFINITY) throw new InvalidOptionError('batch.size', size, 'a whole number');
    if (maxWaitMs === undefined || maxWaitMs === Number.POSITIVE_INFINITY) {
      throw new InvalidOptionError('batch.maxWaitMs', maxWaitMs, 'a number of milliseconds, 0 or more');
    }
    assertDuration('batch.maxWaitMs', maxWaitMs);
    this.#clock = clock;
    this.size = size;
    this.#maxWaitMs = maxWaitMs;
  }

  isRipe(waiting: number, first: Waiting | undefined): boolean {
    if (waiting >= this.size || this.#isHurried) return true;
    return first === this.#first ? this.#isDue : this.#isLate(first);
  }

  /** Those that wait now have waited long enough. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** This one has waited longest now, or nobody waits: has `due` called when that was long enough. */
  wait(first: Waiting | undefined, due: () => void): void {
    if (first === undefined) this.#isHurried = false;
    if (first === this.#first) return;
    if (this.#first !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#first = first;
    this.#isDue = this.#isLate(first);
    if (first === undefined) return;
    const onTime = (): void => {
      this.#isDue = true;
      due();
    };
    this.#timer = this.#clock.setTimeout(onTime, Math.max(0, this.#leftMs(first)));
  }

  /** Without any time to wait nobody is: a batch holds what comes before its timer. */
  #isLate(first: Waiting | undefined): boolean {
    return first !== undefined && this.#maxWaitMs > 0 && this.#leftMs(first) <= 0;
  }

  #leftMs({ waitsSince }: Waiting): number {
    return waitsSince + this.#maxWaitMs - this.#clock.precise();
  }
}
