import { type DeadLetterRecord, type DeadLetterStore, locateCloneFault } from '../../index.js';

/** Copies of dead letters, in order of id. */
export class MemoryDeadLetters implements DeadLetterStore {
  readonly #assertOpen: (operation: string) => void;
  readonly #letters: DeadLetterRecord[] = [];

  constructor(assertOpen: (operation: string) => void) {
    this.#assertOpen = assertOpen;
  }

  async put(letter: DeadLetterRecord, limit: number): Promise<void> {
    this.#assertOpen('put');
    const copy = copyOf(letter);
    const letters = this.#letters;
    let at = letters.length;
    while (at > 0 && (letters[at - 1] as DeadLetterRecord).id >= copy.id) at--;
    letters.splice(at, letters[at]?.id === copy.id ? 1 : 0, copy);
    letters.splice(0, Math.max(0, letters.length - limit));
  }

  async list(): Promise<readonly DeadLetterRecord[]> {
    this.#assertOpen('list');
    return structuredClone(this.#letters);
  }

  async take(id: string): Promise<boolean> {
    this.#assertOpen('take');
    const at = this.#letters.findIndex((letter) => letter.id === id);
    if (at >= 0) this.#letters.splice(at, 1);
    return at >= 0;
  }
}

function copyOf(letter: DeadLetterRecord): DeadLetterRecord {
  try {
    return structuredClone(letter);
  } catch (error) {
    throw locateCloneFault([letter.event], error);
  }
}
