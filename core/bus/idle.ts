import type { Clock } from './clock.js';
import { IdleTimeoutError } from './errors.js';

/** Lets callers wait until events have been handled. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #inFlight: () => number;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock, inFlight: () => number) {
    this.#clock = clock;
    this.#inFlight = inFlight;
  }

  /** Says that what is waited for may have come. */
  readonly wake = (): void => {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  };

  /** Resolves at the next wake. */
  woken(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when nothing is in flight. */
  async handled(): Promise<void> {
    // A handler that asks for it counts only when it has returned its promise.
    await undefined;
    while (this.#inFlight() > 0) await this.woken();
  }

  /** @throws IdleTimeoutError when `work` takes longer. */
  async within(timeoutMs: number | undefined, work: Promise<void>): Promise<void> {
    if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return work;
    let timer: unknown;
    const timeout = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new IdleTimeoutError(timeoutMs, this.#inFlight()));
      timer = this.#clock.setTimeout(fail, timeoutMs);
    });
    try {
      await Promise.race([work, timeout]);
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}
