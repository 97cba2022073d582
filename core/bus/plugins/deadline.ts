import type { Clock } from '../clock.js';

/** Until when something is waited for: everybody who waits may name a time, and the earliest counts. */
export class Deadline {
  /** Resolves when it is over. */
  readonly over: Promise<void>;
  readonly #clock: Clock;
  readonly #pass: () => void;
  readonly #timers = new Set<unknown>();
  #isCleared = false;

  /** `passed` is called when it is over. */
  constructor(clock: Clock, passed: () => void) {
    let resolve!: () => void;
    this.over = new Promise((done) => {
      resolve = done;
    });
    this.#clock = clock;
    this.#pass = () => {
      passed();
      resolve();
    };
  }

  /** Has it be over in this time, if not before. */
  within(timeoutMs: number): void {
    if (!this.#isCleared) this.#timers.add(this.#clock.setTimeout(this.#pass, timeoutMs));
  }

  /** Nothing is waited for any more. */
  clear(): void {
    this.#isCleared = true;
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }
}
