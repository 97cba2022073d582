// The logs that are written and read: the bus with its store, one row for each event by hand, and Dexie.
import { createEventBus } from 'crosstown';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { Dexie } from 'dexie';
import { chunksOf, correlationOf, orderOf, recordsOf, typeOf } from './records.mjs';

const PRODUCERS = 100;

/**
 * @typedef {object} Log
 * @property {(count: number) => Promise<void>} append resolves when all are committed
 * @property {() => Promise<number>} readAll resolves with how many were read
 * @property {() => Promise<void>} remove
 */

const newName = () => `bench-${crypto.randomUUID()}`;

/** @type {Readonly<Record<string, () => Promise<Log>>>} */
export const logs = {
  crosstown: () => busLog((n) => correlationOf(n)),
  'crosstown-alone': () => busLog((n) => correlationOf(n), 1),
  'crosstown-compacted': () => loneLog(compacted),
  'crosstown-lone': () => loneLog(notCompacted),
  'crosstown-own-chains': () => busLog(() => undefined),
  'bare-transactions': () => rawLog(1),
  'raw-records': () => rawLog(PRODUCERS),
  dexie: dexieLog,
};

/** Opens a log of so many events, reads its newest and closes it. @param {number} count */
export async function openedLog(count) {
  const name = newName();
  const log = await busLog((n) => correlationOf(n), PRODUCERS, name);
  await log.append(count);
  await log.close();
  return async () => {
    const bus = createEventBus({ store: indexedDbStore({ name }) });
    await openedBy(bus.history({ order: 'desc', limit: 1 }));
    await bus.close();
  };
}

/** What a producer that waits for each event leaves behind, read by a bus of its own. @param {(name: string) => Promise<void>} left */
async function loneLog(left) {
  const name = newName();
  const writing = await busLog((n) => correlationOf(n), 1, name);
  const reading = await busLog((n) => correlationOf(n), 1, name);
  return {
    /** @param {number} count */
    append: async (count) => {
      await writing.append(count);
      await left(name);
      await writing.close();
    },
    readAll: reading.readAll,
    remove: reading.remove,
  };
}

/** Resolves when the store has made large rows of small ones, which it does when nobody writes. @param {string} name */
async function compacted(name) {
  const db = await opened(indexedDB.open(name));
  const count = () => opened(db.transaction('rows').objectStore('rows').count());
  while ((await count()) > 1000) await new Promise((resolve) => setTimeout(resolve, 100));
  db.close();
}

/** A machine that stands still for a second leaves the store time to do it. @param {string} name */
async function notCompacted(name) {
  const db = await opened(indexedDB.open(name));
  const count = await opened(db.transaction('rows').objectStore('rows').count());
  db.close();
  if (count < 9000) throw new Error(`Only ${count} rows are left to be merged`);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function opened(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Producers, each of which emits and waits until it is stored.
 * @param {(n: number) => string | undefined} correlation
 */
async function busLog(correlation, producers = PRODUCERS, name = newName()) {
  const bus = createEventBus({ source: 'shop', store: indexedDbStore({ name }) });
  await openedBy(bus.history({ limit: 1 }));
  return {
    /** @param {number} count */
    append: async (count) => {
      let next = 0;
      const produce = async () => {
        while (next < count) {
          const n = next++;
          await bus.emit(typeOf(n), orderOf(n), { correlationId: correlation(n) }).persisted;
        }
      };
      await Promise.all(Array.from({ length: producers }, produce));
    },
    readAll: async () => {
      let count = 0;
      for await (const { event } of bus.history()) if (event.type !== '') count++;
      return count;
    },
    close: () => bus.close(),
    remove: async () => {
      await bus.close();
      await deleted(name);
    },
  };
}

/** @param {AsyncIterable<unknown>} history */
async function openedBy(history) {
  for await (const _ of history);
}

/**
 * A row and two index entries for each event, so many to a transaction: what one writes by hand.
 * @param {number} together
 * @returns {Promise<Log>}
 */
async function rawLog(together) {
  const name = newName();
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const events = request.result.createObjectStore('events', { autoIncrement: true });
    events.createIndex('type', 'type');
    events.createIndex('correlationId', 'correlationId');
  };
  const db = await opened(request);
  return {
    append: async (count) => {
      for (const batch of chunksOf(recordsOf(count), together)) {
        await new Promise((resolve, reject) => {
          const transaction = db.transaction('events', 'readwrite', { durability: 'relaxed' });
          const events = transaction.objectStore('events');
          for (const record of batch) events.add(record);
          transaction.commit();
          transaction.oncomplete = resolve;
          transaction.onabort = () => reject(transaction.error);
        });
      }
    },
    readAll: () =>
      new Promise((resolve, reject) => {
        const request = db.transaction('events').objectStore('events').getAll();
        request.onsuccess = () => resolve(request.result.length);
        request.onerror = () => reject(request.error);
      }),
    remove: async () => {
      db.close();
      await deleted(name);
    },
  };
}

/** @returns {Promise<Log>} */
async function dexieLog() {
  const name = newName();
  const db = new Dexie(name, { chromeTransactionDurability: 'relaxed' });
  db.version(1).stores({ events: '++,type,correlationId' });
  await db.open();
  const events = db.table('events');
  return {
    append: async (count) => {
      for (const batch of chunksOf(recordsOf(count), PRODUCERS)) await events.bulkAdd(batch);
    },
    readAll: async () => (await events.toArray()).length,
    remove: () => db.delete(),
  };
}

/** @param {string} name @returns {Promise<void>} */
function deleted(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
