import { unwrap } from 'idb';
import type { Cursor, CursorStore, StoredRetry } from '../../index.js';
import type { Connection, Database } from './connection.js';
import { begin, track } from './live-transactions.js';
import { FLOOR, logFloor } from './log-state.js';

/** A cursor as it is stored; what was trimmed is known of the log. */
export type StoredCursor = Omit<Cursor, 'trimmed'> & { readonly name: string };

/** Where a cursor is to go, and who says so. */
interface Move {
  readonly offset: number;
  readonly epoch: number;
  readonly retries: readonly StoredRetry[];
}

/** The cursors of durable subscriptions, beside the log in the same database. */
export class IndexedDbCursors implements CursorStore {
  readonly #connection: Connection;
  readonly #assertOpen: (operation: string) => void;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(connection: Connection, assertOpen: (operation: string) => void) {
    this.#connection = connection;
    this.#assertOpen = assertOpen;
  }

  get(name: string): Promise<Cursor | undefined> {
    return this.#run('read a cursor', async (db) => {
      const transaction = begin(db, ['cursors', 'meta']);
      const found = transaction.objectStore('cursors').get(name);
      const [cursor, floor] = await Promise.all([found, logFloor(transaction.objectStore('meta'))]);
      return cursor && asSeen(cursor, floor);
    });
  }

  claim(name: string, start: number, exclusive: boolean): Promise<Cursor> {
    return this.#run('claim a cursor', async (db) => {
      const transaction = begin(db, ['cursors', 'meta'], 'readwrite');
      const cursors = transaction.objectStore('cursors');
      const [found, floor] = await Promise.all([cursors.get(name), logFloor(transaction.objectStore('meta'))]);
      const { offset = start, epoch = 0, retries = [], beat = 0 } = found ?? {};
      const cursor = { name, offset, epoch: exclusive ? epoch + 1 : epoch, retries, beat };
      await Promise.all([cursors.put(cursor), transaction.done]);
      return asSeen(cursor, floor);
    });
  }

  move(name: string, to: Move): Promise<Cursor | undefined> {
    return this.#run('move a cursor', (db) => move(db, name, to));
  }

  list(): Promise<ReadonlyMap<string, Cursor>> {
    return this.#run('list cursors', async (db) => {
      const transaction = begin(db, ['cursors', 'meta']);
      const all = transaction.objectStore('cursors').getAll();
      const [cursors, floor] = await Promise.all([all, logFloor(transaction.objectStore('meta'))]);
      return new Map(cursors.map((cursor) => [cursor.name, asSeen(cursor, floor)]));
    });
  }

  remove(name: string): Promise<boolean> {
    return this.#run('remove a cursor', async (db) => {
      const { store, done } = begin(db, ['cursors'], 'readwrite');
      const [found] = await Promise.all([store.getKey(name), store.delete(name), done]);
      return found !== undefined;
    });
  }

  /** Resolves when all that was asked for is done. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async #run<T>(operation: string, work: (db: Database) => Promise<T>): Promise<T> {
    this.#assertOpen(operation);
    const running = this.#connection.run(operation, work);
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }
}

function asSeen({ offset, epoch, retries, beat }: StoredCursor, trimmed: number): Cursor {
  return { offset, epoch, retries, beat, trimmed };
}

/**
 * With the platform's own objects, as a promise for each request costs more than a small request. The epoch is compared
 * inside the transaction: whoever lost the cursor meanwhile changes nothing.
 */
function move(db: Database, name: string, { offset, epoch, retries }: Move): Promise<Cursor | undefined> {
  return new Promise((resolve, reject) => {
    const transaction = unwrap(db).transaction(['cursors', 'meta'], 'readwrite', { durability: 'relaxed' });
    track(transaction);
    let moved: Cursor | undefined;
    const floor: IDBRequest<number | undefined> = transaction.objectStore('meta').get(FLOOR);
    const cursors = transaction.objectStore('cursors');
    const found: IDBRequest<StoredCursor | undefined> = cursors.get(name);
    found.onsuccess = () => {
      const cursor = found.result;
      if (cursor?.epoch !== epoch) return;
      const next = { name, offset: Math.max(cursor.offset, offset), epoch, retries, beat: cursor.beat + 1 };
      moved = asSeen(next, floor.result ?? 0);
      cursors.put(next);
      transaction.commit();
    };
    transaction.oncomplete = () => resolve(moved);
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('The transaction was aborted', 'AbortError'));
  });
}
