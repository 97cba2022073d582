import type { Cursor, CursorStore, StoredRetry } from '../../index.js';

/** The cursors of durable subscriptions, in memory. */
export class MemoryCursors implements CursorStore {
  readonly #assertOpen: (operation: string) => void;
  /** The highest offset that the log has let go of. */
  readonly #trimmed: () => number;
  readonly #cursors = new Map<string, Omit<Cursor, 'trimmed'>>();

  constructor(assertOpen: (operation: string) => void, trimmed: () => number) {
    this.#assertOpen = assertOpen;
    this.#trimmed = trimmed;
  }

  async get(name: string): Promise<Cursor | undefined> {
    this.#assertOpen('read a cursor');
    return this.#read(name);
  }

  async claim(name: string, start: number, exclusive: boolean): Promise<Cursor> {
    this.#assertOpen('claim a cursor');
    const { offset = start, epoch = 0, retries = [], beat = 0 } = this.#cursors.get(name) ?? {};
    this.#cursors.set(name, { offset, epoch: exclusive ? epoch + 1 : epoch, retries, beat });
    return this.#read(name) as Cursor;
  }

  async move(
    name: string,
    { offset, epoch, retries }: { offset: number; epoch: number; retries: readonly StoredRetry[] },
  ): Promise<Cursor | undefined> {
    this.#assertOpen('move a cursor');
    const cursor = this.#cursors.get(name);
    if (cursor?.epoch !== epoch) return undefined;
    this.#cursors.set(name, {
      offset: Math.max(cursor.offset, offset),
      epoch,
      retries: structuredClone(retries),
      beat: cursor.beat + 1,
    });
    return this.#read(name);
  }

  async list(): Promise<ReadonlyMap<string, Cursor>> {
    this.#assertOpen('list cursors');
    return new Map([...this.#cursors.keys()].map((name) => [name, this.#read(name) as Cursor]));
  }

  async remove(name: string): Promise<boolean> {
    this.#assertOpen('remove a cursor');
    return this.#cursors.delete(name);
  }

  #read(name: string): Cursor | undefined {
    const cursor = this.#cursors.get(name);
    return cursor && { ...cursor, trimmed: this.#trimmed() };
  }
}
