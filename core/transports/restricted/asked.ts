/** Most requests whose answers may still come: of more, the oldest are answered no more. */
const MOST_ASKED = 10_000;

/** Ids of the requests that went through, in one direction: nothing else is answered. */
export class Asked {
  readonly #ids = new Set<unknown>();

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size > MOST_ASKED) this.#ids.delete(this.#ids.values().next().value);
  }

  has(id: unknown): boolean {
    return this.#ids.has(id);
  }

  /** Whether a request may be answered, for the one time. */
  take(id: unknown): boolean {
    return this.#ids.delete(id);
  }
}
