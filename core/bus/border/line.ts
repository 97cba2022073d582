import { Fifo } from '../dispatch/fifo.js';

/** One that stands in a line, and what is to be done when it is its turn: undefined while that is not known. */
interface Place {
  go: (() => void) | undefined;
}

/** Keeps what arrives in order, though some of it has to be waited for. */
export class Line {
  readonly #places = new Fifo<Place>();
  readonly #emptied: () => void;

  constructor(emptied: () => void) {
    this.#emptied = emptied;
  }

  /** How many wait. */
  get size(): number {
    return this.#places.size;
  }

  /** Has `take` get a value when that is there and all before it was taken: at once, when nothing has to be waited for. */
  put<T>(value: T | Promise<T>, take: (value: T) => void): void {
    if (!(value instanceof Promise)) {
      if (this.#places.size === 0) take(value);
      else this.#places.push({ go: () => take(value) });
      return;
    }
    const place: Place = { go: undefined };
    this.#places.push(place);
    void value.then((settled) => {
      place.go = () => take(settled);
      this.#advance();
    });
  }

  /** Lets go of all that waits. */
  clear(): void {
    this.#places.clear();
  }

  #advance(): void {
    // What is taken may bring more, or clear the line: it stands there until then, so that nothing overtakes it.
    for (let { first } = this.#places; first?.go !== undefined; { first } = this.#places) {
      const { go } = first;
      first.go = undefined;
      try {
        go();
      } finally {
        if (this.#places.first === first) this.#places.shift();
      }
    }
    if (this.#places.size === 0) this.#emptied();
  }
}
