import { StoreError } from '../../index.js';
import { isOutOfSpace } from './failure.js';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Whether there is room to write. Once a write has failed for want of it the next may try at once, as it may be smaller;
 * then one may after a second, and each further one after twice as long: the browser gives back what was deleted when
 * it likes, and each failure costs a whole transaction.
 */
export class Space {
  readonly #store: string;
  readonly #full: (error: StoreError) => void;
  readonly #writable: () => void;
  /** Writes that failed, or have not succeeded yet, since the last one that did. */
  #tries = 0;
  #triedAt = 0;

  constructor(store: string, full: (error: StoreError) => void, writable: () => void) {
    this.#store = store;
    this.#full = full;
    this.#writable = writable;
  }

  /** Why nothing is to be written now; undefined for the one who is to try. */
  refusal(operation: string): StoreError | undefined {
    if (this.#tries === 0) return undefined;
    const leftMs = this.#triedAt + waitMs(this.#tries) - Date.now();
    if (leftMs <= 0) {
      this.#tries++;
      this.#triedAt = Date.now();
      return undefined;
    }
    const again = `it is tried again in ${Math.ceil(leftMs / 1000)} s`;
    const remedy = `The space the browser gives is used up, and ${again}: delete data of this origin, or store fewer events`;
    return new StoreError(this.#store, operation, remedy);
  }

  /** A write has failed. */
  failed(error: unknown): void {
    if (this.#tries > 0 || !(error instanceof StoreError && isOutOfSpace(error.cause))) return;
    this.#tries = 1;
    this.#triedAt = Date.now();
    this.#full(error);
  }

  /** A write is committed. */
  written(): void {
    if (this.#tries === 0) return;
    this.#tries = 0;
    this.#writable();
  }
}

function waitMs(tries: number): number {
  return tries === 1 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (tries - 2), LONGEST_WAIT_MS);
}
