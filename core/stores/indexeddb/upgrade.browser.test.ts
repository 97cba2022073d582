import { describe, expect, it } from 'vitest';
import { letter, letterIds, lettersOf, record } from '../../testing/store-conformance/case.js';
import { countRows } from './count.js';
import { newDatabase, newName, newStore, openRaw, settled, typesIn } from './database.test.kit.js';
import { VERSION } from './rows.js';

/** What the first release made. */
function firstSchema(db: IDBDatabase): void {
  const rows = db.createObjectStore('rows', { keyPath: 'k', autoIncrement: true });
  rows.createIndex('corr', 'corr', { multiEntry: true });
  rows.createIndex('types', 'types', { multiEntry: true });
  rows.createIndex('from', 'from');
  rows.createIndex('to', 'to');
  const { correlationId, type, timestamp, ...rest } = record('order.placed');
  const evs = [{ ...rest, correlationId, type, timestamp }];
  rows.add({ n: 1, bytes: 200, from: timestamp, to: timestamp, evs, corr: [correlationId], types: [type] });
}

/** What the second made. */
function secondSchema(db: IDBDatabase): void {
  firstSchema(db);
  db.createObjectStore('letters', { keyPath: 'id' }).add(letter('old'));
}

describe.each([
  [1, firstSchema, []],
  [2, secondSchema, ['old']],
] as const)('a database of version %i', (version, schema, letters) => {
  it('S4 F3 keeps its events and dead letters', async () => {
    const name = newName();
    (await openRaw(name, version, schema)).close();
    const store = newStore(name);
    await store.append([record('order.paid')]);
    expect(await typesIn(store, { pattern: 'order.*' })).toEqual(['order.placed', 'order.paid']);
    await lettersOf(store).put(letter('a'), 10);
    expect(await letterIds(store)).toEqual(['a', ...letters]);
  });

  it('S5 S6 gets a place for cursors, and its old rows are counted as the new', async () => {
    const name = newName();
    (await openRaw(name, version, schema)).close();
    const store = newStore(name);
    const [ref] = await store.append([record('order.paid')]);
    expect(await store.cursors?.claim('mailer', 0, true)).toMatchObject({ epoch: 1, trimmed: 0 });
    const db = await newDatabase(name);
    const paid = (await countRows(db)).bytes - 200;
    expect(paid).toBeGreaterThan(0);
    expect(await countRows(db)).toMatchObject({ events: 2, bytes: 200 + paid, counted: 2 });
    expect(await store.purge?.({ before: ref?.offset ?? 0 })).toBe(1);
    expect(await countRows(db)).toMatchObject({ events: 1, bytes: paid });
  });

  it('is let go of by a tab that has it open, which is told to reload when it comes back', async () => {
    const name = newName();
    const old = await openRaw(name, version, schema);
    let isAsked = false;
    old.onversionchange = () => {
      isAsked = true;
      old.close();
    };
    expect(await typesIn(newStore(name))).toEqual(['order.placed']);
    expect(isAsked).toBe(true);
    await expect(settled(indexedDB.open(name, version))).rejects.toMatchObject({ name: 'VersionError' });
  });

  it('S2 is given up after openTimeoutMs while an older tab keeps it, and brought up to date when that lets go', async () => {
    const name = newName();
    const stubborn = await openRaw(name, version, schema);
    const store = newStore(name, { openTimeoutMs: 500 });
    await expect(store.append([record('lost')])).rejects.toMatchObject({
      operation: 'open',
      message: expect.stringContaining('older release'),
    });
    expect(await settled(stubborn.transaction('rows').objectStore('rows').count())).toBe(1);
    stubborn.close();
    await store.append([record('order.paid')]);
    expect(await typesIn(store)).toEqual(['order.placed', 'order.paid']);
  });
});

describe('a database of version 1 that something else made', () => {
  it('is left as it is', async () => {
    const name = newName();
    (await openRaw(name, 1, (db) => db.createObjectStore('letters'))).close();
    const list = lettersOf(newStore(name)).list();
    await expect(list).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('another') });
    const db = await openRaw(name);
    expect([db.version, ...db.objectStoreNames]).toEqual([1, 'letters']);
  });
});

it('S4 opens a database of its own version without a change to it', async () => {
  const name = newName();
  await newStore(name).append([record('a')]);
  const db = await openRaw(name);
  expect([db.version, ...db.objectStoreNames]).toEqual([VERSION, 'cursors', 'letters', 'meta', 'rows']);
});
