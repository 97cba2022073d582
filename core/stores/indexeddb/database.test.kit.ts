import { afterEach, vi } from 'vitest';
import type { EventStore, HistoryQuery } from '../../index.js';
import { type IndexedDbStoreOptions, indexedDbStore } from '../indexeddb.js';
import { Connection, type Database } from './connection.js';
import { PageLife } from './page-life.js';

let made = 0;
const names: string[] = [];
const open: { close(): unknown }[] = [];

/** The name of a database that no other test has; it is deleted afterwards. */
export function newName(): string {
  const name = `test-${Date.now()}-${++made}`;
  names.push(name);
  return name;
}

/** A store that is closed after the test. */
export function newStore(name: string = newName(), options: Omit<IndexedDbStoreOptions, 'name'> = {}): EventStore {
  const store = indexedDbStore({ name, ...options });
  open.push(store);
  return store;
}

/** A promise, and how to settle it. */
export function deferred<T = void>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** The parts of a store work on one of these. */
export async function newDatabase(name: string): Promise<Database> {
  const connection = new Connection(name, 10_000, new PageLife(() => {}));
  open.push(connection);
  return connection.open();
}

/** The platform's own connection to a database, closed after the test. */
export async function openRaw(
  name: string,
  version?: number,
  upgrade?: (db: IDBDatabase) => void,
): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => upgrade?.(request.result);
  const db = await settled(request);
  open.push(db);
  return db;
}

export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** How many events each row of a database holds, oldest first. */
export async function rowSizes(name: string): Promise<readonly number[]> {
  const db = await openRaw(name);
  const rows: { n: number }[] = await settled(db.transaction('rows').objectStore('rows').getAll());
  db.close();
  return rows.map(({ n }) => n);
}

export async function typesIn(store: EventStore, query?: HistoryQuery): Promise<readonly string[]> {
  const types: string[] = [];
  for await (const { record } of store.read(query)) types.push(record.type);
  return types;
}

/** Every connection that is opened from now on, by whomever. */
export function watchConnections(): readonly IDBDatabase[] {
  const seen: IDBDatabase[] = [];
  const original = IDBFactory.prototype.open;
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, ...args) {
    const request = original.apply(this, args);
    request.addEventListener('success', () => seen.push(request.result));
    return request;
  });
  return seen;
}

/** Makes the next `times` transactions that are committed abort instead, though their requests succeed. */
export function abortCommits(times: number, errorName?: string, table = 'rows'): void {
  const original = IDBTransaction.prototype.commit;
  let left = times;
  vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    if (left-- <= 0) return original.call(this);
    if (errorName !== undefined)
      Object.defineProperty(this, 'error', { value: new DOMException('No room.', errorName) });
    const marker = this.objectStore(table).get(0);
    marker.onsuccess = () => this.abort();
  });
}

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await Promise.all(open.splice(0).map((one) => one.close()));
  await Promise.all(names.splice(0).map((name) => settled(indexedDB.deleteDatabase(name))));
});
