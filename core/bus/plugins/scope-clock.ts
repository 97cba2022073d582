import type { Clock } from '../clock.js';

/** The clock of a bus as a scope has it: timers set here go with the scope, and what fails in them is contained. */
export class ScopeClock implements Clock {
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #timers = new Set<unknown>();
  #isOver = false;

  constructor(clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#failed = failed;
  }

  now(): number {
    return this.#clock.now();
  }

  precise(): number {
    return this.#clock.precise();
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    if (this.#isOver) return undefined;
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      try {
        const returned: unknown = run();
        if (returned instanceof Promise) returned.catch(this.#failed);
      } catch (error) {
        this.#failed(error);
      }
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (this.#timers.delete(timer)) this.#clock.clearTimeout(timer);
  }

  /** Clears all timers; none is set any more. */
  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }
}
