import type { Clock } from '../../index.js';

/**
 * Has a scope report what failed in it outside of any handler: what its timers throw, and its clean-ups, goes to the
 * bus's `onError` as a `PluginError` that names the scope.
 */
export class ScopeFailures {
  readonly #clock: Clock;
  #errors: unknown[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(error: unknown): void {
    this.#errors.push(error);
    // One timer for each, as one throws one error. When the scope has ended none runs, and its clean-up throws them.
    this.#clock.setTimeout(() => {
      if (this.#errors.length > 0) throw this.#errors.shift();
    }, 0);
  }

  /** For the end of a clean-up: throws what no timer has thrown yet. */
  throwRest(): void {
    const errors = this.#errors.splice(0);
    if (errors.length > 1) throw new AggregateError(errors, errors.map((error) => `${error}`).join('; '));
    if (errors.length === 1) throw errors[0];
  }
}
