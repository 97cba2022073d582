/** A ring that grew beyond this is given back when it is empty. */
const KEPT = 1024;

/** What waits in order of arrival, in a ring of slots: to come or to go moves nobody else. */
export class Fifo<T> {
  /** How many wait; to be read only. */
  size = 0;
  #slots: (T | undefined)[] = fewSlots();
  #head = 0;

  /** Who leaves next. */
  get first(): T | undefined {
    return this.#slots[this.#head];
  }

  push(item: T): void {
    if (this.size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.size) & (this.#slots.length - 1)] = item;
    this.size++;
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.size--;
    if (this.size === 0 && this.#slots.length > KEPT) this.clear();
    return item;
  }

  clear(): void {
    this.#slots = fewSlots();
    this.#head = 0;
    this.size = 0;
  }

  #grow(): void {
    const { length } = this.#slots;
    const grown = new Array<T | undefined>(2 * length);
    for (let i = 0; i < length; i++) grown[i] = this.#slots[(this.#head + i) & (length - 1)];
    this.#slots = grown;
    this.#head = 0;
  }
}

function fewSlots(): undefined[] {
  return [undefined, undefined, undefined, undefined];
}
