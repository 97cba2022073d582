import { afterEach, expect, it, vi } from 'vitest';
import { CodecError, createEventBus, InvalidOptionError, StoreError } from '../../index.js';
import { indexedDbStore } from '../../stores/indexeddb.js';
import { aesGcm, open, type Sealed, type StoredKeyring, seal, storedKeyring } from '../aes-gcm.js';
import type { Task } from './key-user.test.worker.js';
import { fullRecord, rejection } from './sealing.test.kit.js';

let made = 0;
const names: string[] = [];
const workers: Worker[] = [];

/** A name of keys that no other test has; they are deleted afterwards. */
function newName(): string {
  const name = `test-${Date.now()}-${++made}`;
  names.push(name);
  return name;
}

const databaseOf = (name: string): string => `crosstown-keys:${name}`;
const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const remove = (name: string): Promise<unknown> => settled(indexedDB.deleteDatabase(databaseOf(name)));

/** Another realm of this origin, which shares nothing with the page but the database. */
function newWorker(): (task: Task) => Promise<unknown> {
  const worker = new Worker(new URL('./key-user.test.worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  return (task) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => ('error' in data ? reject(new Error(data.error)) : resolve(data.result));
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(task);
    });
}

/** The id of the key that a ring seals with. */
const sealingId = async (keys: StoredKeyring): Promise<string> => (await seal(keys, 'a.encrypted', 'x')).kid;

afterEach(async () => {
  vi.restoreAllMocks();
  for (const worker of workers.splice(0)) worker.terminate();
  for (const name of names.splice(0)) await remove(name);
});

it('G6 has two workers and the page that begin at once end with one key', async () => {
  const [first, second] = [newWorker(), newWorker()];
  // Once each before, so that neither has still to load when it counts.
  const warm = newName();
  await Promise.all([first({ name: warm, text: '' }), second({ name: warm, text: '' })]);
  for (let round = 0; round < 20; round++) {
    const name = newName();
    const keys = storedKeyring({ name });
    const page = seal(keys, 'a.encrypted', 'page');
    const sealed = (await Promise.all([first({ name, text: 'first' }), second({ name, text: 'second' }), page])) as [
      Sealed<string>,
      Sealed<string>,
      Sealed<string>,
    ];
    expect(new Set(sealed.map(({ kid }) => kid)).size).toBe(1);
    expect(await keys.ids()).toEqual([sealed[0].kid]);
    expect(await open(keys, { type: 'a.encrypted', data: sealed[0] })).toBe('first');
    expect(await first({ name, sealed: sealed[1] })).toBe('second');
    expect(await second({ name, sealed: sealed[2] })).toBe('page');
  }
});

it('G6 keeps the key for who comes after all are gone', async () => {
  const name = newName();
  const sealed = (await newWorker()({ name, text: 'kept' })) as Sealed<string>;
  for (const worker of workers.splice(0)) worker.terminate();
  expect(await newWorker()({ name, sealed })).toBe('kept');
  expect(await open(storedKeyring({ name }), { type: 'a.encrypted', data: sealed })).toBe('kept');
});

it('G6 keeps it when the page is loaded again, in a frame that is', async () => {
  const name = newName();
  const program = `
    const { storedKeyring, seal } = await import(${JSON.stringify(new URL('../aes-gcm.ts', import.meta.url).href)});
    const { kid } = await seal(storedKeyring({ name: ${JSON.stringify(name)} }), 'a.encrypted', 1);
    parent.postMessage({ frame: ${JSON.stringify(name)}, kid }, '*');`;
  const page = URL.createObjectURL(new Blob([`<script type="module">${program}</script>`], { type: 'text/html' }));
  const told: string[] = [];
  const listen = ({ data }: MessageEvent): void => {
    if (data?.frame === name) told.push(data.kid);
  };
  addEventListener('message', listen);
  const frame = document.body.appendChild(document.createElement('iframe'));
  frame.src = page;
  await vi.waitFor(() => expect(told).toHaveLength(1), 10_000);
  frame.contentWindow?.location.reload();
  await vi.waitFor(() => expect(told).toHaveLength(2), 10_000);
  removeEventListener('message', listen);
  frame.remove();
  expect(told[1]).toBe(told[0]);
  expect(await storedKeyring({ name }).ids()).toEqual([told[0]]);
});

it('G6 keeps keys that no script can export', async () => {
  const name = newName();
  await storedKeyring({ name }).rotate();
  const db = await settled(indexedDB.open(databaseOf(name)));
  const rows = await settled(db.transaction('keys').objectStore('keys').getAll());
  db.close();
  expect(rows).toHaveLength(1);
  const { key } = rows[0] as { key: CryptoKey };
  expect([key.extractable, key.algorithm]).toEqual([false, { name: 'AES-GCM', length: 256 }]);
  for (const format of ['raw', 'jwk'] as const) {
    expect(await rejection(crypto.subtle.exportKey(format, key))).toHaveProperty('name', 'InvalidAccessError');
  }
});

it('G6 opens nothing before it is needed', async () => {
  const name = newName();
  const keys = storedKeyring({ name });
  const bus = createEventBus({ codecs: [aesGcm({ keys })] });
  const has = async (): Promise<boolean> =>
    (await indexedDB.databases()).some((database) => database.name === databaseOf(name));
  expect(await has()).toBe(false);
  await keys.sealing();
  expect(await has()).toBe(true);
  await bus.close();
});

it('G6 seals with a new key at once where it was made, and elsewhere when something comes that it sealed', async () => {
  const name = newName();
  const [here, there] = [storedKeyring({ name }), storedKeyring({ name, refreshMs: 600_000 })];
  const old = await sealingId(there);
  const before = await seal(here, 'a.encrypted', 'before');
  const id = await here.rotate();
  const after = await seal(here, 'a.encrypted', 'after');
  expect([before.kid, after.kid]).toEqual([old, id]);
  expect(await sealingId(there)).toBe(old);
  expect(await open(there, { type: 'a.encrypted', data: after })).toBe('after');
  expect(await sealingId(there)).toBe(id);
  for (const keys of [here, there, storedKeyring({ name })]) {
    expect(await open(keys, { type: 'a.encrypted', data: before })).toBe('before');
    expect(await keys.ids()).toEqual([old, id]);
  }
});

it('G6 seals with a new key elsewhere within the time it was given, though nothing comes', async () => {
  const name = newName();
  const [here, there] = [storedKeyring({ name }), storedKeyring({ name, refreshMs: 50 })];
  const old = await sealingId(there);
  const id = await here.rotate();
  const now = vi.spyOn(performance, 'now');
  now.mockReturnValue(performance.now() - 10_000);
  expect(await sealingId(there)).toBe(old);
  now.mockRestore();
  await vi.waitFor(async () => expect(await sealingId(there)).toBe(id));
});

it('G6 seals with the newest key, though an older one was needed first', async () => {
  const name = newName();
  const here = storedKeyring({ name });
  const before = await seal(here, 'a.encrypted', 'before');
  const id = await here.rotate();
  const next = storedKeyring({ name });
  expect(await open(next, { type: 'a.encrypted', data: before })).toBe('before');
  expect(await sealingId(next)).toBe(id);
});

it('G6 makes as many keys as were asked for at once, and all use the last', async () => {
  const name = newName();
  const [here, there] = [storedKeyring({ name }), storedKeyring({ name, refreshMs: 0 })];
  const rotated = await Promise.all([here.rotate(), there.rotate(), here.rotate(), there.rotate(), sealingId(here)]);
  const ids = await here.ids();
  expect([...ids].sort()).toEqual([...new Set(rotated.slice(0, 4))].sort());
  expect(ids).toHaveLength(4);
  expect(await sealingId(there)).toBe(ids.at(-1));
  expect(await sealingId(storedKeyring({ name }))).toBe(ids.at(-1));
});

it('G6 looks an unknown id up once', async () => {
  const keys = storedKeyring({ name: newName() });
  await sealingId(keys);
  const get = vi.spyOn(IDBObjectStore.prototype, 'get');
  const sealed = { ...(await aesGcm({ keys }).encode(fullRecord())) };
  const foreign = { ...sealed, data: { ...(sealed.data as Sealed), kid: 'unknown' } };
  for (let i = 0; i < 3; i++) expect(await aesGcm({ keys }).decode(foreign)).toBe(foreign);
  expect(get).toHaveBeenCalledTimes(1);
});

it('G6 makes a new key when the data of the origin was cleared, and opens what it can', async () => {
  const name = newName();
  const [here, there] = [storedKeyring({ name, refreshMs: 0 }), storedKeyring({ name, refreshMs: 0 })];
  const before = await seal(here, 'a.encrypted', 'before');
  await here.rotate();
  await remove(name);
  const id = await sealingId(here);
  expect([await sealingId(there), await there.ids()]).toEqual([id, [id]]);
  expect(await open(here, { type: 'a.encrypted', data: before })).toBe('before');
  const error = await rejection(open(storedKeyring({ name }), { type: 'a.encrypted', data: before }));
  expect(error).toBeInstanceOf(CodecError);
});

it('G6 goes on with the key it has when the database fails, and names the failure when it has none', async () => {
  const name = newName();
  const keys = storedKeyring({ name, refreshMs: 0 });
  const id = await sealingId(keys);
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('gone', 'UnknownError');
  });
  expect(await sealingId(keys)).toBe(id);
  const error = await rejection(seal(storedKeyring({ name }), 'a.encrypted', 1));
  expect(error).toBeInstanceOf(CodecError);
  expect((error as CodecError).cause).toBeInstanceOf(StoreError);
  expect(await rejection(storedKeyring({ name }).rotate())).toBeInstanceOf(StoreError);
  vi.restoreAllMocks();
  expect(await storedKeyring({ name }).ids()).toEqual([id]);
});

it('G6 names the failure when the browser keeps no keys', async () => {
  const name = newName();
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
    throw new DOMException('no keys here', 'DataCloneError');
  });
  const error = await rejection(storedKeyring({ name }).rotate());
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ operation: 'write', cause: { name: 'DataCloneError' } });
});

it('G6 is apart from a store of the same name', async () => {
  const name = newName();
  const keys = storedKeyring({ name });
  const store = indexedDbStore({ name });
  const codec = aesGcm({ keys });
  const [ref] = await store.append([await codec.encode(fullRecord())]);
  const found = [];
  for await (const { record } of store.read({})) found.push(await codec.decode(record));
  expect(ref?.offset).toBeDefined();
  expect(found).toEqual([fullRecord()]);
  await store.close();
  await settled(indexedDB.deleteDatabase(name));
});

it('G6 counts what its keys seal, and goes on after a rotation', async () => {
  const keys = storedKeyring({ name: newName(), maxSealed: 2 });
  const old = await sealingId(keys);
  await sealingId(keys);
  expect(await rejection(sealingId(keys))).toBeInstanceOf(CodecError);
  const id = await keys.rotate();
  expect([await sealingId(keys), id === old]).toEqual([id, false]);
});

it('G6 refuses what it cannot use', () => {
  expect(() => storedKeyring({ name: '' })).toThrow(InvalidOptionError);
  expect(() => storedKeyring({ name: 5 as never })).toThrow('name is 5. Give it a name for the keys');
  expect(() => storedKeyring({ name: 'a', refreshMs: -1 })).toThrow(InvalidOptionError);
  expect(() => storedKeyring({ name: 'a', maxSealed: 0 })).toThrow(InvalidOptionError);
});
