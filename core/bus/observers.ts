import type { Clock } from './clock.js';
import type { Failure } from './dispatch/failure.js';
import { Inspector, type Observer } from './inspection.js';
import type { Timings } from './timing.js';

/** What observing takes. */
export interface ObserversParts {
  readonly clock: Clock;
  readonly report: (failure: Failure) => void;
  /** Measure calls even when nobody watches. */
  readonly timing: boolean;
  readonly timings: Timings;
  /** Called with who is to be told from now on. */
  readonly changed: (inspector: Inspector | null) => void;
}

/** Who watches a bus. */
export class Observers {
  readonly #parts: ObserversParts;
  #list: readonly Observer[] = [];

  constructor(parts: ObserversParts) {
    this.#parts = parts;
  }

  /** Shows `observer` everything until the returned function is called. */
  add(observer: Observer): () => void {
    let watching = true;
    // A function of its own for each call: the same observer may be given twice and is removed once, at once.
    const own: Observer = (inspection) => (watching ? observer(inspection) : undefined);
    this.#set([...this.#list, own]);
    return () => {
      watching = false;
      this.#set(this.#list.filter((one) => one !== own));
    };
  }

  clear(): void {
    this.#list = [];
    this.#parts.changed(null);
  }

  /** What tells those who watch now; null when nobody does. */
  get inspector(): Inspector | null {
    const { clock, report, timing, timings } = this.#parts;
    if (this.#list.length === 0 && !timing) return null;
    const failed = (error: unknown): void => report({ stage: 'observer', error, event: undefined });
    return new Inspector(this.#list, () => clock.precise(), failed, timings);
  }

  #set(list: readonly Observer[]): void {
    this.#list = list;
    this.#parts.changed(this.inspector);
  }
}
