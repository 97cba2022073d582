import { afterEach, describe, expect, it, vi } from 'vitest';
import { record, records } from '../../testing/store-conformance/case.js';
import { deferred, newName, newStore, openRaw, settled, typesIn, watchConnections } from './database.test.kit.js';
import { VERSION } from './rows.js';

const freeze = (): unknown => document.dispatchEvent(new Event('freeze'));
const resume = (): unknown => document.dispatchEvent(new Event('resume'));

afterEach(() => {
  resume();
});

/** Resolves when a write to the database is done, by somebody who knows nothing of the store. */
async function writtenByOthers(name: string): Promise<void> {
  const db = await openRaw(name);
  const transaction = db.transaction(['rows', 'cursors'], 'readwrite');
  await settled(transaction.objectStore('cursors').put({ name: 'other', offset: 0, epoch: 0, retries: [], beat: 0 }));
  db.close();
}

describe('a page that is frozen', () => {
  it('S3 commits what is pending, and lets go of the database then', async () => {
    const name = newName();
    const connections = watchConnections();
    const store = newStore(name);
    await store.append([record('warm.up')]);
    const pending = records('pending', 600).map((one) => store.append([one]));
    freeze();
    expect(() => connections[0]?.transaction('rows')).toThrow(/clos(ing|ed)/);
    await Promise.all(pending);
    // Nobody who wants to change the database has to ask.
    const others = await openRaw(name, VERSION + 1);
    expect(await settled(others.transaction('rows').objectStore('rows').count())).toBeGreaterThan(1);
  });

  it('S3 makes nobody wait for what it was about to do, and does it when it is back', async () => {
    const name = newName();
    const store = newStore(name);
    await store.append(records('a', 3000));
    await store.cursors?.claim('mailer', 0, true);
    const original = IDBDatabase.prototype.transaction;
    const begun = deferred();
    const watched = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
      this: IDBDatabase,
      ...args
    ) {
      // Between the begin of each and its first answer.
      if (watched.mock.calls.length === 3) queueMicrotask(begun.resolve);
      return original.apply(this, args);
    });
    const asked = [
      typesIn(store),
      store.cursors?.claim('billing', 7, true),
      store.cursors?.move('mailer', { offset: 2500, epoch: 1, retries: [] }),
    ] as const;
    await begun.promise;
    const given = vi.spyOn(IDBTransaction.prototype, 'abort');
    freeze();
    expect(given.mock.calls.length).toBeGreaterThanOrEqual(3);
    const isBack = vi.fn();
    const later = store.append([record('later')]).then(isBack);
    await writtenByOthers(name);
    expect(isBack).not.toHaveBeenCalled();
    resume();
    await later;
    const [types, claimed, moved] = await Promise.all(asked);
    expect([types.length >= 3000, claimed?.epoch, moved?.offset, moved?.beat]).toEqual([true, 1, 2500, 1]);
    expect(await typesIn(store, { pattern: 'later' })).toHaveLength(1);
  });

  it('S3 opens nothing until it is back', async () => {
    const name = newName();
    watchConnections();
    const opens = vi.mocked(IDBFactory.prototype.open);
    const store = newStore(name);
    await store.append([record('a')]);
    freeze();
    const reading = typesIn(store);
    await writtenByOthers(name);
    // That of the store, and theirs.
    expect(opens).toHaveBeenCalledTimes(2);
    resume();
    expect(await reading).toEqual(['a']);
    expect(opens).toHaveBeenCalledTimes(3);
  });

  it('S3 may be frozen again and again while it waits for the same answer', async () => {
    const store = newStore();
    await store.append(records('a', 10));
    const original = IDBDatabase.prototype.transaction;
    let times = 0;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (times++ < 5) {
        queueMicrotask(() => {
          freeze();
          resume();
        });
      }
      return original.apply(this, args);
    });
    expect(await typesIn(store)).toHaveLength(10);
    expect(times).toBeGreaterThan(5);
  });

  it('S3 can close its store, which commits what came meanwhile', async () => {
    const name = newName();
    const store = newStore(name);
    await store.append([record('a')]);
    freeze();
    const late = store.append([record('late')]);
    await Promise.all([late, store.close()]);
    expect(await typesIn(newStore(name))).toEqual(['a', 'late']);
  });
});

describe('a page that is left', () => {
  afterEach(() => {
    dispatchEvent(new Event('pageshow'));
  });

  it('S3 makes nobody wait for what it was about to do, or the cache for the way back would throw it out', async () => {
    const name = newName();
    const connections = watchConnections();
    const store = newStore(name);
    await store.append(records('a', 3000));
    await store.cursors?.claim('mailer', 0, true);
    const done = vi.fn();
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const asked = [
      typesIn(store).finally(() => done('read')),
      store.cursors?.move('mailer', { offset: 2500, epoch: 1, retries: [] }).finally(() => done('move')),
    ] as const;
    // Each has begun its first transaction.
    while (begun.mock.calls.length < 2) await Promise.resolve();
    dispatchEvent(new Event('pagehide'));
    const late = store.cursors?.claim('billing', 7, true).finally(() => done('claim'));
    // What is only to be committed does not wait.
    await store.append([record('late')]);
    await writtenByOthers(name);
    expect(done).not.toHaveBeenCalled();
    dispatchEvent(new Event('pageshow'));
    const [types, moved] = await Promise.all(asked);
    expect([types.length >= 3000, moved?.offset, moved?.beat]).toEqual([true, 2500, 1]);
    expect((await late)?.epoch).toBe(1);
    // The store's own, and that of the others.
    expect(connections).toHaveLength(2);
  });
});
