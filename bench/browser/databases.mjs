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
  'crosstown-own-chains': () => busLog(() => undefined),
  'raw-records': rawLog,
  dexie: dexieLog,
};

/** 100 producers, each of which emits and waits until it is stored. @param {(n: number) => string | undefined} correlation */
async function busLog(correlation) {
  const name = newName();
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
      await Promise.all(Array.from({ length: PRODUCERS }, produce));
    },
    readAll: async () => {
      let count = 0;
      for await (const { event } of bus.history()) if (event.type !== '') count++;
      return count;
    },
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

/** A row and two index entries for each event, 100 to a transaction: what one writes by hand. @returns {Promise<Log>} */
async function rawLog() {
  const name = newName();
  const db = await new Promise((/** @type {(db: IDBDatabase) => void} */ resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const events = request.result.createObjectStore('events', { autoIncrement: true });
      events.createIndex('type', 'type');
      events.createIndex('correlationId', 'correlationId');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return {
    append: async (count) => {
      for (const batch of chunksOf(recordsOf(count), PRODUCERS)) {
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
