import type { Clock } from '../clock.js';
import type { EventStore } from '../ports.js';

/** How often a log that others write to is looked at: no event that tells of theirs need ever arrive. */
const LOOK_MS = 1000;

/** How far the log goes: what is stored here says, and what arrives from other nodes, and now and then a look. */
export class Tail {
  /** The highest offset known of. */
  head = 0;
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #readers = new Set<() => void>();
  #timer: unknown;

  constructor(store: EventStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Tells `wake` of everything that is stored from now on. */
  add(wake: () => void): void {
    this.#readers.add(wake);
    if (this.#timer === undefined && this.#store.caps.shared) this.#schedule();
  }

  delete(wake: () => void): void {
    this.#readers.delete(wake);
    if (this.#readers.size === 0) this.close();
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** There is an event at this offset. */
  reached(offset: number): void {
    if (offset <= this.head) return;
    this.head = offset;
    for (const wake of this.#readers) wake();
  }

  /** Asks the store. */
  async look(): Promise<number> {
    for await (const { offset } of this.#store.read({ order: 'desc', limit: 1 })) this.reached(offset);
    return this.head;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#schedule();
      // Whoever reads on will say what is wrong with the store.
      this.look().catch(() => {});
    }, LOOK_MS);
  }
}
