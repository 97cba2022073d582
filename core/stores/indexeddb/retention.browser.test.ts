import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventStore } from '../../index.js';
import { record, records } from '../../testing/store-conformance/case.js';
import type { StoreNotice } from '../indexeddb.js';
import { countRows } from './count.js';
import { newDatabase, newName, newStore, rowSizes, typesIn } from './database.test.kit.js';
import type { Limits } from './retention.js';
import { type Trim, trimLog } from './trim.js';

const none = Number.POSITIVE_INFINITY;

/** Trims by hand, as if it were `now`. */
async function trim(name: string, limits: Partial<Limits>, now = 0, hurry = false): Promise<Trim | undefined> {
  const db = await newDatabase(name);
  await countRows(db);
  return trimLog(db, { maxAgeMs: none, maxEvents: none, maxBytes: none, ...limits }, now, hurry);
}

/** Rows of one event each, of the time of their number; with the offset of each. */
async function fill(store: EventStore, count: number): Promise<readonly number[]> {
  const offsets: number[] = [];
  for (let n = 0; n < count; n++) {
    const [ref] = await store.append([record(`n.${n}`, { timestamp: n, data: 'x'.repeat(100) })]);
    offsets.push(ref?.offset ?? Number.NaN);
  }
  return offsets;
}

/** For machines with much else to do. */
const patiently = { timeout: 10_000 };

describe('a log that has become too large', () => {
  it('S5 loses its oldest events, a tenth more than it has to, and says up to where', async () => {
    const name = newName();
    const store = newStore(name);
    const offsets = await fill(store, 100);
    expect(await trim(name, { maxEvents: 100 })).toBeUndefined();
    expect(await trim(name, { maxEvents: 80 })).toMatchObject({ floor: offsets[27], events: 28 });
    expect(await typesIn(store)).toHaveLength(72);
    expect((await typesIn(store))[0]).toBe('n.28');
    expect(await trim(name, { maxEvents: 80 })).toBeUndefined();
  });

  it('S5 loses as much when that takes several transactions, between which events are written', async () => {
    const name = newName();
    const store = newStore(name);
    await fill(store, 700);
    const db = await newDatabase(name);
    await countRows(db);
    const writes = vi.spyOn(IDBDatabase.prototype, 'transaction');
    expect(await trimLog(db, { maxAgeMs: none, maxBytes: none, maxEvents: 200 }, 0)).toMatchObject({ events: 520 });
    expect(writes).toHaveBeenCalledTimes(3);
    expect(await countRows(db)).toMatchObject({ events: 180 });
  });

  it('S5 is measured in bytes, too, and keeps its newest row however large that is', async () => {
    const name = newName();
    const store = newStore(name);
    await fill(store, 20);
    const db = await newDatabase(name);
    const { bytes } = await countRows(db);
    expect(await trim(name, { maxBytes: bytes })).toBeUndefined();
    expect((await trim(name, { maxBytes: bytes - 1 }))?.events).toBe(3);
    await trim(name, { maxBytes: 1 });
    expect(await typesIn(store)).toEqual(['n.19']);
    await store.append(records('whole', 30));
    await trim(name, { maxEvents: 10 });
    expect(await rowSizes(name)).toEqual([30]);
  });

  it('S5 loses what is too old, all of it if need be, and nothing else', async () => {
    const name = newName();
    const store = newStore(name);
    await fill(store, 10);
    expect(await trim(name, { maxAgeMs: 100 }, 103)).toMatchObject({ events: 3 });
    expect((await typesIn(store))[0]).toBe('n.3');
    expect(await trim(name, { maxAgeMs: 100 }, 103)).toBeUndefined();
    expect(await trim(name, { maxAgeMs: 100, maxEvents: 8 }, 104)).toMatchObject({ events: 1 });
    expect(await trim(name, { maxAgeMs: 100 }, 500)).toMatchObject({ events: 6 });
    expect(await typesIn(store)).toEqual([]);
  });

  it('S5 counts what several tabs wrote, each row once, through purges and trims', async () => {
    const name = newName();
    const stores = [newStore(name), newStore(name)];
    const db = await newDatabase(name);
    for (let round = 0; round < 3; round++) {
      await Promise.all(stores.map((store) => fill(store, 20)));
      await countRows(db);
      await stores[0]?.purge?.({ pattern: 'n.3' });
      await stores[1]?.purge?.({ pattern: 'n.7', order: 'desc', limit: 1 });
    }
    await trim(name, { maxEvents: 100 });
    const { events, bytes } = await countRows(db);
    expect(events).toBe((await typesIn(stores[0] as EventStore)).length);
    await db.delete('meta', 'state');
    expect(await countRows(db)).toMatchObject({ events, bytes });
  });
});

describe('a cursor that lags behind', () => {
  it('S5 S6 keeps what it has still to pass, until the log is twice too large', async () => {
    const name = newName();
    const store = newStore(name);
    const offsets = await fill(store, 60);
    await store.cursors?.claim('slow', offsets[19] ?? 0, false);
    await store.cursors?.claim('quick', offsets[49] ?? 0, false);
    // The row that it stands in is not passed before it is in the next.
    expect(await trim(name, { maxEvents: 40 })).toMatchObject({ floor: offsets[18], events: 19 });
    expect((await store.cursors?.get('slow'))?.trimmed).toBe(offsets[18]);
    expect(await trim(name, { maxEvents: 30 })).toBeUndefined();
    expect(await trim(name, { maxEvents: 20 })).toMatchObject({ floor: offsets[23], events: 5 });
    const slow = await store.cursors?.get('slow');
    expect((slow?.trimmed ?? 0) > (slow?.offset ?? 0)).toBe(true);
  });

  it('S5 S6 keeps what it will try again, and what is not twice too old', async () => {
    const name = newName();
    const store = newStore(name);
    const offsets = await fill(store, 30);
    await store.cursors?.claim('mailer', 0, false);
    const retries = [{ offset: offsets[4] ?? 0, attempts: 1, dueAt: 0 }];
    await store.cursors?.move('mailer', { offset: offsets[29] ?? 0, epoch: 0, retries });
    expect(await trim(name, { maxAgeMs: 10 }, 30)).toMatchObject({ events: 10 });
    expect((await typesIn(store))[0]).toBe('n.10');
  });

  it('S5 S6 holds nothing back once it is removed', async () => {
    const name = newName();
    const store = newStore(name);
    await fill(store, 30);
    await store.cursors?.claim('gone', 0, false);
    expect(await trim(name, { maxEvents: 20 })).toBeUndefined();
    await store.cursors?.remove('gone');
    expect(await trim(name, { maxEvents: 20 })).toMatchObject({ events: 12 });
  });

  it('S5 S6 is not waited for when there is no space and nothing else can go', async () => {
    const name = newName();
    const store = newStore(name);
    const offsets = await fill(store, 30);
    await store.cursors?.claim('slow', offsets[9] ?? 0, false);
    expect(await trim(name, { maxEvents: 20 }, 0, true)).toMatchObject({ events: 9 });
    expect(await trim(name, { maxEvents: 20 }, 0, true)).toMatchObject({ events: 3 });
  });
});

describe('a store with limits', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'requestIdleCallback', 'cancelIdleCallback'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** What is told, once so many seconds have passed. */
  async function told(
    notices: readonly StoreNotice[],
    seconds: number,
    count: number,
  ): Promise<readonly StoreNotice[]> {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    // The database has a clock of its own.
    await vi.waitFor(() => expect(notices.length).toBeGreaterThanOrEqual(count), patiently);
    return notices;
  }

  it('S5 trims when nobody has written for a second, and says so', async () => {
    const notices: StoreNotice[] = [];
    const store = newStore(newName(), { retention: { maxEvents: 20 }, onNotice: (notice) => notices.push(notice) });
    const offsets = await fill(store, 50);
    await vi.advanceTimersByTimeAsync(900);
    expect(vi.getTimerCount()).toBe(1);
    expect(await typesIn(store)).toHaveLength(50);
    expect(await told(notices, 1, 1)).toMatchObject([{ kind: 'trimmed', floor: offsets[31], events: 32 }]);
    expect(await typesIn(store)).toHaveLength(18);
  });

  it('S5 trims within ten seconds when there is no quiet second', async () => {
    const notices: StoreNotice[] = [];
    const store = newStore(newName(), { retention: { maxEvents: 20 }, onNotice: (notice) => notices.push(notice) });
    // As long as it takes the database, which has a clock of its own; too short for another reason to trim.
    for (let n = 0; n < 200 && notices.length === 0; n++) {
      await store.append([record('a')]);
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(notices).not.toEqual([]);
  });

  it('S5 trims in one tab at a time, and as well where there are no locks', async () => {
    const name = newName();
    const notices: StoreNotice[] = [];
    const options = { retention: { maxEvents: 20 }, onNotice: (notice: StoreNotice) => notices.push(notice) };
    const [one, other] = [newStore(name, options), newStore(name, options)];
    await Promise.all([fill(one, 30), fill(other, 30)]);
    await told(notices, 3, 1);
    expect(await typesIn(one)).toHaveLength(18);
    vi.stubGlobal('navigator', {});
    const alone = newStore(name, options);
    await fill(alone, 10);
    notices.length = 0;
    await told(notices, 3, 1);
    expect(await typesIn(one)).toHaveLength(18);
  });

  it('S5 makes full rows of small ones when it is quiet', async () => {
    const name = newName();
    const store = newStore(name);
    await fill(store, 510);
    await vi.advanceTimersByTimeAsync(3000);
    vi.useRealTimers();
    await expect.poll(async () => (await rowSizes(name)).length, patiently).toBe(11);
  });

  it('S5 does nothing any more once it is closed', async () => {
    const name = newName();
    const store = newStore(name, { retention: { maxEvents: 5 } });
    await fill(store, 30);
    await store.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(await rowSizes(name)).toHaveLength(30);
  });

  it('S5 goes on when who is told throws', async () => {
    const onNotice = vi.fn(() => {
      throw new RangeError('no');
    });
    const store = newStore(newName(), { retention: { maxEvents: 5 }, onNotice });
    await fill(store, 30);
    await vi.advanceTimersByTimeAsync(2000);
    await vi.waitFor(() => expect(onNotice).toHaveBeenCalledTimes(1), patiently);
    await store.append([record('next')]);
    expect(await typesIn(store)).toHaveLength(5);
  });

  it.each([{ maxEvents: 0 }, { maxAgeMs: -1 }, { maxBytes: Number.NaN }, { maxBytes: '5 MB' }])(
    'S5 refuses the limits %j',
    (retention) => {
      const make = (): unknown => newStore('refused', { retention: retention as Partial<Limits> });
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );
});
