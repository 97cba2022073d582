import type { IDBPTransaction } from 'idb';
import { type DeadLetterRecord, type DeadLetterStore, locateCloneFault } from '../../index.js';
import type { Connection, Database } from './connection.js';
import { begin } from './live-transactions.js';
import type { Schema } from './rows.js';

type Writing = IDBPTransaction<Schema, ['letters'], 'readwrite'>;

/** Letters that are added together, and those of them that were refused, with the reason. */
interface Group {
  readonly letters: DeadLetterRecord[];
  readonly refused: Promise<ReadonlyMap<DeadLetterRecord, unknown>>;
}

/** Dead letters, beside the log in the same database. */
export class IndexedDbDeadLetters implements DeadLetterStore {
  readonly #connection: Connection;
  readonly #assertOpen: (operation: string) => void;
  readonly #underWay = new Set<Promise<unknown>>();
  /** What gathers until its transaction begins: that of all letters of one turn. */
  #group: Group | undefined;

  constructor(connection: Connection, assertOpen: (operation: string) => void) {
    this.#connection = connection;
    this.#assertOpen = assertOpen;
  }

  async put(letter: DeadLetterRecord, limit: number): Promise<void> {
    this.#assertOpen('put');
    this.#group ??= this.#gather(limit);
    const { letters, refused } = this.#group;
    letters.push(letter);
    const fault = (await refused).get(letter);
    if (fault !== undefined) throw fault;
  }

  async list(): Promise<readonly DeadLetterRecord[]> {
    this.#assertOpen('list');
    return this.#connection.run('list', (db) => db.getAll('letters'));
  }

  async take(id: string): Promise<boolean> {
    this.#assertOpen('take');
    return this.#connection.run('take', (db) => take(begin(db, ['letters'], 'readwrite'), id));
  }

  /** Resolves when every letter so far is committed, or refused. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #gather(limit: number): Group {
    const letters: DeadLetterRecord[] = [];
    const refused = this.#write(letters, limit).finally(() => this.#underWay.delete(refused));
    this.#underWay.add(refused);
    return { letters, refused };
  }

  /**
   * Two transactions: a page that is left gets no further turn, so that of the letters has to be complete before its
   * first request answers, and to let go of the oldest takes several.
   */
  async #write(letters: readonly DeadLetterRecord[], limit: number): Promise<ReadonlyMap<DeadLetterRecord, unknown>> {
    try {
      await this.#connection.open();
    } finally {
      this.#group = undefined;
    }
    const put = (db: Database): Promise<ReadonlyMap<DeadLetterRecord, unknown>> =>
      add(begin(db, ['letters'], 'readwrite'), letters);
    const refused = await this.#connection.run('put', put, true);
    // They are there, whatever comes of it; the next ones try again.
    await this.#connection.run('put', (db) => trim(begin(db, ['letters'], 'readwrite'), limit)).catch(() => {});
    return refused;
  }
}

async function add(
  transaction: Writing,
  letters: readonly DeadLetterRecord[],
): Promise<ReadonlyMap<DeadLetterRecord, unknown>> {
  const { store, done } = transaction;
  const refused = new Map<DeadLetterRecord, unknown>();
  const added: Promise<unknown>[] = [done];
  for (const letter of letters) {
    try {
      // Not `add`: on a new connection it may be done again.
      added.push(store.put(letter));
    } catch (cause) {
      refused.set(letter, locateCloneFault([letter.event], cause));
    }
  }
  transaction.commit();
  await Promise.all(added);
  return refused;
}

async function trim({ store, done }: Writing, limit: number): Promise<void> {
  const surplus = (await store.count()) - limit;
  const last = surplus > 0 ? (await store.getAllKeys(null, surplus)).at(-1) : undefined;
  if (last !== undefined) await store.delete(IDBKeyRange.upperBound(last));
  await done;
}

/** In one transaction, so that one tab alone finds it. */
async function take({ store, done }: Writing, id: string): Promise<boolean> {
  const [found] = await Promise.all([store.getKey(id), store.delete(id), done]);
  return found !== undefined;
}
