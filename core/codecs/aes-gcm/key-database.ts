import { StoreError } from '../../index.js';

/** A key as the database has it: the platform keeps its bytes, and hands them to nobody. */
export interface StoredKey {
  readonly id: string;
  /** Counts the keys of the database: the one with the highest seals. */
  readonly n: number;
  readonly key: CryptoKey;
}

/** Keys in IndexedDB. Each call has a connection of its own, as they are few, so that none is in anybody's way. */
export class KeyDatabase {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** All keys, in no order. */
  all(): Promise<StoredKey[]> {
    return this.#ask('readonly', (store, answer) => {
      const all = store.getAll();
      all.onsuccess = () => answer(all.result);
    });
  }

  get(id: string): Promise<StoredKey | undefined> {
    return this.#ask('readonly', (store, answer) => {
      const one = store.get(id);
      one.onsuccess = () => answer(one.result);
    });
  }

  /**
   * Adds a key as the newest, or, as the first, only where there is none; all keys afterwards. One transaction, in which
   * nothing else is waited for, so of tabs that begin at once one adds and the others find.
   */
  add(id: string, key: CryptoKey, asFirst: boolean): Promise<StoredKey[]> {
    return this.#ask('readwrite', (store, answer, attempt) => {
      const all = store.getAll();
      all.onsuccess = () =>
        attempt(() => {
          const rows: StoredKey[] = all.result;
          if (rows.length === 0 || !asFirst) {
            const added = { id, n: Math.max(0, ...rows.map(({ n }) => n)) + 1, key };
            store.add(added);
            rows.push(added);
          }
          answer(rows);
        });
    });
  }

  /** Resolves with the answer when the transaction is complete. */
  async #ask<T>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore, answer: (value: T) => void, attempt: (work: () => void) => void) => void,
  ): Promise<T> {
    const db = await this.#open();
    try {
      return await new Promise<T>((resolve, reject) => {
        // Events that are sealed with a key may be on the disk before it is: without this, it could be lost alone.
        const transaction = db.transaction('keys', mode, { durability: 'strict' });
        let result: T;
        transaction.oncomplete = () => resolve(result);
        transaction.onabort = () => reject(transaction.error);
        ask(
          transaction.objectStore('keys'),
          (value) => {
            result = value;
          },
          (work) => {
            try {
              work();
            } catch (error) {
              reject(error);
              transaction.abort();
            }
          },
        );
      });
    } catch (error) {
      throw new StoreError(this.#name, mode === 'readonly' ? 'read' : 'write', 'Look at its cause', error);
    } finally {
      db.close();
    }
  }

  async #open(): Promise<IDBDatabase> {
    const fail = (remedy: string, cause?: unknown): StoreError => new StoreError(this.#name, 'open', remedy, cause);
    if (typeof indexedDB === 'undefined') {
      throw fail('There is no IndexedDB on this platform: keep keys elsewhere, and use keyring()');
    }
    try {
      return await new Promise((resolve, reject) => {
        const request = indexedDB.open(this.#name, 1);
        request.onupgradeneeded = () => void request.result.createObjectStore('keys', { keyPath: 'id' });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } catch (error) {
      throw fail('Look at its cause', error);
    }
  }
}
