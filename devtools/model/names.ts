/** Most different names in one table; a program that invents names without end shares the last one. */
const MOST_NAMES = 0xffff;

/** Names as small numbers, so that a column of them is a typed array. */
export class Names {
  readonly #indexes = new Map<string, number>();
  readonly #names: string[] = [];

  constructor(...names: string[]) {
    for (const name of names) this.indexOf(name);
  }

  get size(): number {
    return this.#names.length;
  }

  /** The number of a name, given to it when it is first seen. */
  indexOf(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    if (this.#names.length === MOST_NAMES) {
      this.#names.push('(other)');
      return MOST_NAMES;
    }
    if (this.#names.length > MOST_NAMES) return MOST_NAMES;
    this.#indexes.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  /** The names that were seen first, at most so many. */
  first(most: number): readonly string[] {
    return this.#names.slice(0, most);
  }

  at(index: number): string {
    return this.#names[index] ?? '';
  }
}
