import type { Batch } from './attempt.js';
import type { BatchError } from './errors.js';

/** Who waits until all that was pending at a moment is done, and what of it failed. */
export class Flushes {
  #waiting: Flush[] = [];

  /** Resolves when the first `count` of all items ever added are done; rejects when a batch with one of them failed. */
  until(count: number): Promise<void> {
    const flushed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ until: count, error: undefined, resolve, reject });
    });
    // Reported in any case: who does not wait for it need not hear of it twice.
    flushed.catch(() => {});
    return flushed;
  }

  /** A batch is done with, and with it the first `done` of all items. */
  settle(done: number, { last, items }: Batch, error: BatchError | undefined): void {
    this.#waiting = this.#waiting.filter((flush) => {
      if (last - items.length < flush.until) flush.error ??= error;
      if (done < flush.until) return true;
      if (flush.error === undefined) flush.resolve();
      else flush.reject(flush.error);
      return false;
    });
  }
}

interface Flush {
  readonly until: number;
  error: BatchError | undefined;
  readonly resolve: () => void;
  readonly reject: (error: BatchError) => void;
}
