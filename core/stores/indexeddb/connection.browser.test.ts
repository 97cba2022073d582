import { describe, expect, it, vi } from 'vitest';
import { createEventBus } from '../../index.js';
import { record, records } from '../../testing/store-conformance/case.js';
import { abortCommits, newName, newStore, openRaw, settled, typesIn, watchConnections } from './database.test.kit.js';
import { VERSION } from './rows.js';

describe('the connection of an IndexedDB store', () => {
  it('is made by the first append or read, once', async () => {
    const connections = watchConnections();
    const store = newStore();
    expect(store.id).toMatch(/^indexeddb:/);
    await Promise.resolve();
    expect(IDBFactory.prototype.open).not.toHaveBeenCalled();
    await Promise.all([typesIn(store), store.append([record('a')]), typesIn(store), store.append([record('b')])]);
    expect(connections).toHaveLength(1);
  });

  it('S2 is made again when it was closed behind the back of the store', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append([record('a')]);
    connections[0]?.close();
    await store.append([record('b')]);
    connections[1]?.close();
    expect(await typesIn(store)).toEqual(['a', 'b']);
    expect(connections).toHaveLength(3);
  });

  it('S2 is made again when the browser ended it', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append([record('a')]);
    connections[0]?.dispatchEvent(new Event('close'));
    await Promise.all([store.append([record('b')]), typesIn(store)]);
    expect(await typesIn(store)).toEqual(['a', 'b']);
    expect(connections).toHaveLength(2);
  });

  it('S2 stores once, in order, what was under way when it was lost', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append([record('a')]);
    abortCommits(1);
    const appends = records('b', 3).map((one) => store.append([one]));
    appends.push(store.append([record('c')]));
    await Promise.all(appends);
    expect(await typesIn(store)).toEqual(['a', 'b', 'b', 'b', 'c']);
    expect(connections).toHaveLength(2);
  });

  it('S2 is not made a third time for the same append', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append([record('a')]);
    abortCommits(2);
    await expect(store.append([record('b')])).rejects.toMatchObject({ code: 'STORE_FAILED', operation: 'append' });
    expect(await typesIn(store)).toEqual(['a']);
    expect(connections).toHaveLength(2);
  });

  it('goes on reading on a new connection when the first is lost between two pages', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append(records('a', 6000));
    let seen = 0;
    for await (const _ of store.read()) if (++seen === 10) connections[0]?.close();
    expect(seen).toBe(6000);
    expect(connections).toHaveLength(2);
  });

  it('S4 reads again, on a new connection, what was aborted with the first', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append(records('a', 3));
    const original = IDBDatabase.prototype.transaction;
    const rejections: unknown[] = [];
    const note = (event: PromiseRejectionEvent): void => void rejections.push(event.reason);
    addEventListener('unhandledrejection', note);
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(function (this: IDBDatabase, ...args) {
      const transaction = original.apply(this, args);
      queueMicrotask(() => transaction.abort());
      return transaction;
    });
    expect(await typesIn(store)).toEqual(['a', 'a', 'a']);
    expect(connections).toHaveLength(2);
    // The browser tells of unhandled rejections in a task of its own.
    await new Promise((resolve) => setTimeout(resolve));
    removeEventListener('unhandledrejection', note);
    expect(rejections).toEqual([]);
  });
});

describe('a database that others use too', () => {
  it('does not keep anyone from deleting it, and is begun anew by the next append', async () => {
    const name = newName();
    const store = newStore(name);
    await store.append([record('old')]);
    await settled(indexedDB.deleteDatabase(name));
    await store.append([record('new')]);
    expect(await typesIn(store)).toEqual(['new']);
  });

  it('does not keep a newer release from changing it, and says so to the older one', async () => {
    const name = newName();
    const store = newStore(name);
    await store.append([record('a')]);
    (await openRaw(name, VERSION + 1)).close();
    const refused = {
      code: 'STORE_FAILED',
      cause: { name: 'VersionError' },
      message: expect.stringContaining('reload'),
    };
    await expect(store.append([record('b')])).rejects.toMatchObject(refused);
    await expect(typesIn(store)).rejects.toMatchObject(refused);
  });

  it('is not touched when something else made it', async () => {
    const name = newName();
    (await openRaw(name, 1, (db) => db.createObjectStore('notes'))).close();
    const store = newStore(name);
    await expect(store.append([record('a')])).rejects.toMatchObject({ message: expect.stringContaining('another') });
    const db = await openRaw(name);
    expect([...db.objectStoreNames]).toEqual(['notes']);
  });

  it('S2 is given up after openTimeoutMs while it cannot be opened, and used when it can', async () => {
    const name = newName();
    const stubborn = await openRaw(name, 1);
    const deleted = settled(indexedDB.deleteDatabase(name));
    const connections = watchConnections();
    const store = newStore(name, { openTimeoutMs: 500 });
    const append = store.append([record('a')]);
    await expect(append).rejects.toMatchObject({ operation: 'open', message: expect.stringContaining('tab') });
    stubborn.close();
    await deleted;
    await store.append([record('b')]);
    expect(await typesIn(store)).toEqual(['b']);
    // What was opened too late is let go of.
    const [late, used] = connections;
    expect(() => late?.transaction('rows')).toThrow(/clos(ing|ed)/);
    expect(() => used?.transaction('rows')).not.toThrow();
  });

  it('S4 lets a reader that waits for it be stopped', async () => {
    const name = newName();
    const stubborn = await openRaw(name, 1);
    const deleted = settled(indexedDB.deleteDatabase(name));
    const stop = new AbortController();
    const reading = typesIn(newStore(name), { signal: stop.signal });
    stop.abort(new RangeError('stop'));
    await expect(reading).rejects.toThrow('stop');
    stubborn.close();
    await deleted;
  });
});

describe('a place without IndexedDB', () => {
  it('fails every event for the one reason that there is none, and handles them all the same', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const failures: unknown[] = [];
    const bus = createEventBus({ store: newStore(), onError: ({ error }) => failures.push(error) });
    const handled: string[] = [];
    bus.on('**', (event) => void handled.push(event.type));
    const [a, b] = [bus.emit('a'), bus.emit('b')];
    const refused = { code: 'STORE_FAILED', message: expect.stringContaining('memoryStore()') };
    await expect(a.persisted).rejects.toMatchObject(refused);
    await expect(b.persisted).rejects.toMatchObject(refused);
    expect(handled).toEqual(['a', 'b']);
    expect(failures).toEqual([expect.objectContaining(refused)]);
    await expect(typesIn(newStore())).rejects.toMatchObject(refused);
  });

  it('says what may forbid it, and tries again at the next call', async () => {
    const store = newStore();
    const refuse = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('The user denied permission.', 'SecurityError');
    });
    const append = store.append([record('a')]);
    await expect(append).rejects.toMatchObject({
      message: expect.stringMatching(/denied permission.*memoryStore\(\)/),
      cause: { name: 'SecurityError' },
    });
    refuse.mockRestore();
    await store.append([record('b')]);
    expect(await typesIn(store)).toEqual(['b']);
  });
});
