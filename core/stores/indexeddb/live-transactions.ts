import { type IDBPTransaction, type StoreNames, unwrap } from 'idb';
import type { Database } from './connection.js';
import type { Schema } from './rows.js';

type Table = StoreNames<Schema>;

/** What each connection has under way that takes more than one turn. */
const live = new WeakMap<IDBDatabase, Set<IDBTransaction>>();

/** Begins a transaction that a page which is frozen gives up, as others may have to wait for it. */
export function begin<Names extends readonly [Table, ...Table[]], Mode extends IDBTransactionMode = 'readonly'>(
  db: Database,
  names: Names,
  mode?: Mode,
): IDBPTransaction<Schema, Names, Mode> {
  const transaction = db.transaction(names, mode, { durability: 'relaxed' });
  // Its requests say when it fails; a promise that says so again would be one that nobody handles.
  transaction.done.catch(() => {});
  track(unwrap(transaction));
  return transaction;
}

/** The same for one of the platform's own. */
export function track(transaction: IDBTransaction): void {
  const all = live.get(transaction.db) ?? new Set();
  live.set(transaction.db, all.add(transaction));
  const over = (): unknown => all.delete(transaction);
  transaction.addEventListener('complete', over);
  transaction.addEventListener('abort', over);
}

export function abortLive(db: Database): void {
  for (const transaction of live.get(unwrap(db)) ?? []) {
    try {
      transaction.abort();
    } catch {
      // It was told to commit and needs nothing more of this page.
    }
  }
}
