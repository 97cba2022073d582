import { type IDBPDatabase, openDB } from 'idb';
import { StoreError } from '../../index.js';
import { isConnectionLost, storeFailure } from './failure.js';
import { abortLive } from './live-transactions.js';
import type { PageLife } from './page-life.js';
import { growSchema, type Schema, VERSION } from './rows.js';

export type Database = IDBPDatabase<Schema>;

/** The one connection of a store to its database: made when it is first needed, and again when it is lost. */
export class Connection {
  readonly #name: string;
  readonly #openTimeoutMs: number;
  readonly #page: PageLife;
  /** Set before anything is waited for, so that no second connection is made meanwhile. */
  #opening: Promise<Database> | undefined;
  #current: Database | undefined;
  /** How often everything under way was given up because the page was frozen or left: such a failure counts for nothing. */
  #pauses = 0;
  #closed = false;

  constructor(name: string, openTimeoutMs: number, page: PageLife) {
    this.#name = name;
    this.#openTimeoutMs = openTimeoutMs;
    this.#page = page;
  }

  /** The open database, for those who cannot wait. */
  get current(): Database | undefined {
    return this.#current;
  }

  open(): Promise<Database> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Forgets a connection that is of no use any more; the next call makes a new one. */
  drop(db: Database): void {
    db.close();
    if (this.#current !== db) return;
    this.#current = undefined;
    this.#opening = undefined;
  }

  /**
   * Does something that may be done twice: once more, on a new connection, when the one it had is lost. While the page is
   * away it waits, unless it is to be done `atOnce`, as a page that is left may never be back.
   */
  async run<T>(operation: string, work: (db: Database) => Promise<T>, atOnce = false): Promise<T> {
    for (let again = false; ; ) {
      const pauses = this.#pauses;
      const db = await this.open();
      if (!atOnce) await this.#page.awake();
      try {
        return await work(db);
      } catch (error) {
        const isPaused = this.#pauses !== pauses;
        if (!isConnectionLost(error) || (again && !isPaused)) throw storeFailure(this.#name, operation, error);
        again ||= !isPaused;
        if (!isPaused) this.drop(db);
      }
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#current !== undefined) this.drop(this.#current);
  }

  /** Others may have to wait for a transaction of a page that does nothing: one in the cache for the way back is thrown out of it. */
  pause(): void {
    this.#pauses++;
    if (this.#current !== undefined) abortLive(this.#current);
  }

  /** A frozen page does not answer either when others want to change the database. */
  sleep(): void {
    this.pause();
    if (this.#current !== undefined) this.drop(this.#current);
  }

  async #open(): Promise<Database> {
    this.#page.watch();
    try {
      await this.#page.awake();
      if (this.#closed) throw new StoreError(this.#name, 'open', 'It was closed: make a new one');
      if (typeof indexedDB === 'undefined') {
        throw new StoreError(this.#name, 'open', 'There is no IndexedDB on this platform: use memoryStore()');
      }
      const db = await this.#inTime();
      this.#current = db;
      if (this.#closed) this.drop(db);
      return db;
    } catch (error) {
      this.#opening = undefined;
      throw storeFailure(this.#name, 'open', error);
    }
  }

  /** An open request may wait for ever, for a frozen tab that does not let go, say; nothing tells in that case. */
  #inTime(): Promise<Database> {
    return new Promise((resolve, reject) => {
      let isForeign = false;
      const opened: Promise<Database> = openDB<Schema>(this.#name, VERSION, {
        upgrade: (db, from, _, transaction) => {
          // Nobody is in the way any more, and to index a large log may take its time.
          clearTimeout(timer);
          isForeign = !growSchema(db, from, transaction);
          if (!isForeign) return;
          transaction.done.catch(() => {});
          transaction.abort();
        },
        // Whoever wants to change or delete the database need not wait for this page.
        blocking: () => void opened.then((db) => this.drop(db)),
        terminated: () => void opened.then((db) => this.drop(db)),
      });
      const refuse = (remedy: string): void => reject(new StoreError(this.#name, 'open', remedy));
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        refuse('Another tab may keep an older release of it open: close that tab');
      }, this.#openTimeoutMs);
      const foreign = 'Something else made a database of that name: choose another';
      opened
        .then(
          (db) => {
            isForeign = !db.objectStoreNames.contains('rows');
            if (late || isForeign) db.close();
            if (isForeign) refuse(foreign);
            else resolve(db);
          },
          (error) => (isForeign ? refuse(foreign) : reject(error)),
        )
        .finally(() => clearTimeout(timer));
    });
  }
}
