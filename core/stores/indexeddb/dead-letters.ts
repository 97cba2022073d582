import type { IDBPTransaction } from 'idb';
import { type DeadLetterRecord, type DeadLetterStore, locateCloneFault } from '../../index.js';
import type { Connection, Database } from './connection.js';
import type { Schema } from './rows.js';

type Writing = IDBPTransaction<Schema, ['letters'], 'readwrite'>;

/** Dead letters, beside the log in the same database. */
export class IndexedDbDeadLetters implements DeadLetterStore {
  readonly #connection: Connection;
  readonly #assertOpen: (operation: string) => void;
  readonly #underWay = new Set<Promise<void>>();
  /** Has not counted yet, so it will do for whatever is added now, too. */
  #trimming: Promise<void> | undefined;

  constructor(connection: Connection, assertOpen: (operation: string) => void) {
    this.#connection = connection;
    this.#assertOpen = assertOpen;
  }

  async put(letter: DeadLetterRecord, limit: number): Promise<void> {
    this.#assertOpen('put');
    const putting = this.#put(letter, limit);
    this.#underWay.add(putting);
    try {
      await putting;
    } finally {
      this.#underWay.delete(putting);
    }
  }

  async list(): Promise<readonly DeadLetterRecord[]> {
    this.#assertOpen('list');
    return this.#connection.run('list', (db) => db.getAll('letters'));
  }

  async take(id: string): Promise<boolean> {
    this.#assertOpen('take');
    return this.#connection.run('take', (db) => take(begin(db), id));
  }

  /** Resolves when every letter so far is committed, or refused. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /**
   * Two transactions: a page that is left gets no further turn, so that of the letter has to be complete before its
   * first request answers, and to let go of the oldest takes several.
   */
  async #put(letter: DeadLetterRecord, limit: number): Promise<void> {
    await this.#connection.run('put', (db) => add(begin(db), letter));
    this.#trimming ??= this.#connection
      .run('put', (db) => this.#trim(begin(db), limit))
      // The letter is there, and the next one tries again.
      .catch(() => {
        this.#trimming = undefined;
      });
    await this.#trimming;
  }

  async #trim({ store, done }: Writing, limit: number): Promise<void> {
    const count = await store.count();
    this.#trimming = undefined;
    const surplus = count - limit;
    const last = surplus > 0 ? (await store.getAllKeys(null, surplus)).at(-1) : undefined;
    if (last !== undefined) await store.delete(IDBKeyRange.upperBound(last));
    await done;
  }
}

function begin(db: Database): Writing {
  const transaction = db.transaction('letters', 'readwrite', { durability: 'relaxed' });
  // Its requests say when it fails; a promise that says so again would be one that nobody handles.
  transaction.done.catch(() => {});
  return transaction;
}

async function add(transaction: Writing, letter: DeadLetterRecord): Promise<void> {
  let added: Promise<unknown>;
  try {
    // Not `add`: on a new connection it may be done again.
    added = transaction.store.put(letter);
  } catch (cause) {
    transaction.abort();
    throw locateCloneFault([letter.event], cause);
  }
  transaction.commit();
  await Promise.all([added, transaction.done]);
}

/** In one transaction, so that one tab alone finds it. */
async function take({ store, done }: Writing, id: string): Promise<boolean> {
  const [found] = await Promise.all([store.getKey(id), store.delete(id), done]);
  return found !== undefined;
}
