// A group that works through a log of 10,000 events: the bus, and the same by hand with packed rows, a lock, and a cursor
// that is committed with its epoch after each hundred.
import { createEventBus } from 'crosstown';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { chunksOf, orderOf, recordsOf, typeOf } from './records.mjs';

const TOGETHER = 100;

/**
 * Stores events, and returns what has all of them handled by a group that begins anew.
 * @type {Readonly<Record<string, (count: number) => Promise<() => Promise<void>>>>}
 */
export const groups = { crosstown: busGroup, 'lock-and-cursor': handGroup };

/** @param {number} count */
async function busGroup(count) {
  const name = `bench-${crypto.randomUUID()}`;
  const writer = createEventBus({ source: 'shop', store: indexedDbStore({ name }) });
  for (const numbers of chunksOf(
    Array.from({ length: count }, (_, n) => n),
    TOGETHER,
  )) {
    await Promise.all(numbers.map((n) => writer.emit(typeOf(n), orderOf(n)).persisted));
  }
  await writer.close();
  return async () => {
    const bus = createEventBus({ source: 'shop', store: indexedDbStore({ name }) });
    let handled = 0;
    await new Promise((resolve) => {
      const handle = () => {
        if (++handled === count) resolve(undefined);
      };
      bus.on('**', handle, { group: `group-${crypto.randomUUID()}`, from: 'all' });
    });
    await bus.close();
  };
}

/** @param {number} count */
async function handGroup(count) {
  const request = indexedDB.open(`bench-${crypto.randomUUID()}`, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('chunks', { autoIncrement: true });
    request.result.createObjectStore('cursors');
  };
  const db = await settled(request);
  for (const batch of chunksOf(recordsOf(count), TOGETHER)) {
    const transaction = db.transaction('chunks', 'readwrite', { durability: 'relaxed' });
    transaction.objectStore('chunks').add(batch);
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
  }
  return () =>
    navigator.locks.request(`lock-${crypto.randomUUID()}`, async () => {
      const name = crypto.randomUUID();
      let handled = 0;
      for (let at = 1; handled < count; at++) {
        const chunks = db.transaction('chunks').objectStore('chunks');
        const batch = await settled(chunks.get(at));
        for (const { type } of batch) if (type !== '') handled++;
        await moved(db, name, at);
      }
    });
}

/** Moves a cursor unless somebody else has it. @param {IDBDatabase} db @param {string} name @param {number} at */
function moved(db, name, at) {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction('cursors', 'readwrite', { durability: 'relaxed' });
    const cursors = transaction.objectStore('cursors');
    const found = cursors.get(name);
    found.onsuccess = () => {
      if ((found.result?.epoch ?? 1) === 1) cursors.put({ at, epoch: 1 }, name);
      transaction.commit();
    };
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
