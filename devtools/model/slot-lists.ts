interface List {
  first: number;
  last: number;
  count: number;
}

/** Slots of a ring in lists by key: queues that share one column instead of an array each. */
export class SlotLists {
  readonly #lists = new Map<string, List>();
  readonly #next: Int32Array;

  constructor(capacity: number) {
    this.#next = new Int32Array(capacity);
  }

  /** Keys that have a slot. */
  get size(): number {
    return this.#lists.size;
  }

  count(key: string): number {
    return this.#lists.get(key)?.count ?? 0;
  }

  push(key: string, slot: number): void {
    this.#next[slot] = -1;
    const list = this.#lists.get(key);
    if (list === undefined) {
      this.#lists.set(key, { first: slot, last: slot, count: 1 });
      return;
    }
    this.#next[list.last] = slot;
    list.last = slot;
    list.count++;
  }

  /** Takes out the slot of `key` that was pushed first. */
  shift(key: string): void {
    const list = this.#lists.get(key);
    if (list === undefined) return;
    if (--list.count === 0) this.#lists.delete(key);
    else list.first = this.#next[list.first] as number;
  }

  /** The slots of `key`, oldest first, at most `limit`. */
  slots(key: string, limit: number = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    const list = this.#lists.get(key);
    if (list === undefined) return found;
    for (let slot = list.first; slot >= 0 && found.length < limit; slot = this.#next[slot] as number) found.push(slot);
    return found;
  }

  clear(): void {
    this.#lists.clear();
  }
}
