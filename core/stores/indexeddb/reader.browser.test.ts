import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventStore, HistoryQuery } from '../../index.js';
import { record, records } from '../../testing/store-conformance/case.js';
import { newStore, typesIn } from './database.test.kit.js';

/** How many rows each page had that has been read since. */
function watchPages(): number[] {
  const pages: number[] = [];
  const { get, getAll } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, ...args) {
    pages.push(1);
    return get.apply(this, args);
  });
  vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = getAll.apply(this, args);
    request.addEventListener('success', () => pages.push(request.result.length));
    return request;
  });
  return pages;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('a log of 400 rows', () => {
  let store: EventStore;
  let pages: number[];
  beforeEach(async () => {
    store = newStore();
    pages = watchPages();
    for (let row = 0; row < 400; row++) {
      const rare = row % 100 === 7;
      const fields = { timestamp: 1000 + row, correlationId: rare ? 'rare' : `c${row}` };
      await store.append([record(rare ? 'order.rare' : `common.${row % 3}`, fields), record('order.any', fields)]);
    }
  });

  const rowsRead = async (query: HistoryQuery): Promise<readonly [found: number, rows: number]> => {
    pages.length = 0;
    const found = await typesIn(store, query);
    return [found.length, sum(pages)];
  };

  it('S4 reads four rows for a correlation id that four rows have', async () => {
    expect(await rowsRead({ correlationId: 'rare' })).toEqual([8, 4]);
  });

  it('S4 reads four rows for a type that four rows have, however the pattern says it', async () => {
    expect(await rowsRead({ pattern: 'order.rare' })).toEqual([4, 4]);
    expect(await rowsRead({ pattern: ['order.rare', 'no.such'] })).toEqual([4, 4]);
    expect(await rowsRead({ pattern: '**.rare' })).toEqual([4, 4]);
  });

  it('S4 reads the rows of a time, and of several conditions, only', async () => {
    expect(await rowsRead({ since: 1397 })).toEqual([6, 3]);
    expect(await rowsRead({ until: 1001 })).toEqual([4, 2]);
    expect(await rowsRead({ since: 1100, until: 1299, pattern: 'order.rare' })).toEqual([2, 2]);
    expect(await rowsRead({ correlationId: 'rare', pattern: 'common.*' })).toEqual([0, 0]);
  });

  it('S4 reads the rows that are left, and no index of the whole log, when these are few', async () => {
    const near: number[] = [];
    for await (const { offset } of store.read({ order: 'desc', limit: 10 })) near.push(offset);
    const lookUp = vi.spyOn(IDBIndex.prototype, 'getAllKeys');
    expect(await rowsRead({ after: near.at(-1) ?? 0, pattern: 'order.any', since: 0 })).toEqual([5, 5]);
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('S4 reads a few rows for the first or the last few events', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const [found, rows] = await rowsRead({ order, limit: 3 });
      expect(found).toBe(3);
      expect(rows).toBeLessThanOrEqual(4);
    }
    expect(await rowsRead({ limit: 0 })).toEqual([0, 0]);
  });

  it('S4 reads no row before it is asked for an event, and no page before it is needed', async () => {
    const reader = store.read()[Symbol.asyncIterator]();
    expect(pages).toEqual([]);
    await reader.next();
    expect(pages).toEqual([4]);
    for (let n = 0; n < 100; n++) await reader.next();
    expect(pages).toEqual([4, 64]);
    await reader.return?.();
  });
});

it('S4 finds by a wildcard over more types than are worth looking up', async () => {
  const store = newStore();
  const types = Array.from({ length: 600 }, (_, n) => `sensor.${n}.${n % 2 === 0 ? 'read' : 'lost'}`);
  for (let start = 0; start < 600; start += 200) {
    await store.append(types.slice(start, start + 200).map((type) => record(type)));
  }
  expect(await typesIn(store, { pattern: 'sensor.*.lost' })).toEqual(types.filter((type) => type.endsWith('lost')));
  expect(await typesIn(store, { pattern: ['**.lost', 'sensor.0.read'], order: 'desc', limit: 2 })).toEqual([
    'sensor.599.lost',
    'sensor.597.lost',
  ]);
});

it('S4 reads pages of about a thousand events, and of 64 rows at most', async () => {
  const store = newStore();
  const pages = watchPages();
  await store.append(records('packed', 5000));
  await typesIn(store);
  expect(pages).toEqual([4, 2, 2, 2]);
  for (let n = 0; n < 150; n++) await store.append([record('single')]);
  pages.length = 0;
  await typesIn(store, { order: 'desc', limit: 150 });
  expect(pages).toEqual([4, 64, 64, 18 + 10]);
});
