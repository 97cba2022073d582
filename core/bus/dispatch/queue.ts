/** What waits to be dispatched. */
export interface Queued {
  readonly priority: number;
}

/** Waiting events: higher priority first, then order of arrival (D5). */
export class EventQueue<T extends Queued> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    const items = this.#items;
    const last = items.length - 1;
    if (last < this.#head || (items[last] as T).priority >= item.priority) {
      items.push(item);
      return;
    }
    let low = this.#head;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((items[middle] as T).priority >= item.priority) low = middle + 1;
      else high = middle;
    }
    items.splice(low, 0, item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head++] as T;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
