/** Items that wait for a batch, each with the time it came, the oldest first. */
export class WaitingLine<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #times: number[] = [];
  /** Where the oldest stands. */
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** When the oldest came; undefined when none waits. */
  get since(): number | undefined {
    return this.#times[this.#head];
  }

  push(item: T, at: number): void {
    this.#items.push(item);
    this.#times.push(at);
  }

  /** Takes the oldest out, so many at most. */
  take(count: number): readonly T[] {
    const taken = this.#items.slice(this.#head, this.#head + count) as T[];
    this.#items.fill(undefined, this.#head, this.#head + taken.length);
    this.#head += taken.length;
    // Moved seldom, and by no more than was taken since.
    if (this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#times.splice(0, this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
