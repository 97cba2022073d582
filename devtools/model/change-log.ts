const CAPACITY = 2 ** 13;

/** Which events changed last; whoever asks seldom enough to have missed some is told so. */
export class ChangeLog {
  readonly #sequences = new Float64Array(CAPACITY);
  #count = 0;

  /** Changes since the beginning: what {@link ChangeLog.since} is asked with. */
  get count(): number {
    return this.#count;
  }

  push(sequence: number): void {
    this.#sequences[this.#count++ & (CAPACITY - 1)] = sequence;
  }

  /** The events that changed after the first `count` changes; undefined when they are more than are remembered. */
  since(count: number): readonly number[] | undefined {
    if (this.#count - count > CAPACITY) return undefined;
    return Array.from(
      { length: this.#count - count },
      (_, i) => this.#sequences[(count + i) & (CAPACITY - 1)] as number,
    );
  }
}
