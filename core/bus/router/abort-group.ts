import type { Registration } from './subscription.js';

/** One abort listener for all subscriptions of a bus that share a signal, gone with the last of them. */
export class AbortGroup {
  readonly #remove: (registration: Registration) => void;
  readonly #members = new WeakMap<AbortSignal, Set<Registration>>();
  readonly #onAbort: (event: Event) => void;

  constructor(remove: (registration: Registration) => void) {
    this.#remove = remove;
    this.#onAbort = (event) => {
      // Not currentTarget: Node 20 clears it after the first listener.
      const signal = event.target as AbortSignal;
      for (const registration of this.#members.get(signal) ?? []) this.#remove(registration);
    };
  }

  add(signal: AbortSignal, registration: Registration): void {
    const members = this.#members.get(signal);
    if (members !== undefined) members.add(registration);
    else {
      this.#members.set(signal, new Set([registration]));
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  delete(signal: AbortSignal, registration: Registration): void {
    const members = this.#members.get(signal);
    if (members?.delete(registration) !== true || members.size > 0) return;
    this.#members.delete(signal);
    signal.removeEventListener('abort', this.#onAbort);
  }
}
