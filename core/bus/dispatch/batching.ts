import type { Clock } from '../clock.js';
import { InvalidOptionError } from '../errors.js';
import type { BatchOptions } from '../router/subscription.js';
import { assertCount, assertDuration } from './queue-limits.js';

/** Says when the calls that wait are to be made as one: when there are `size`, or the first has waited `maxWaitMs` (Q5). */
export class Batching {
  readonly size: number;
  /** Batches under way. */
  running = 0;
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  #timer: { readonly handle: unknown } | undefined;
  #isDue = false;

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

  isRipe(waiting: number): boolean {
    return waiting >= this.size || this.#isDue;
  }

  /** Those that wait now have waited long enough. */
  hurry(): void {
    this.#isDue = true;
  }

  /** So many wait now: has `due` called when they have waited long enough. */
  wait(waiting: number, due: () => void): void {
    if (waiting === 0) {
      if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer.handle);
      this.#timer = undefined;
      this.#isDue = false;
    } else {
      this.#timer ??= {
        handle: this.#clock.setTimeout(() => {
          this.hurry();
          due();
        }, this.#maxWaitMs),
      };
    }
  }
}
