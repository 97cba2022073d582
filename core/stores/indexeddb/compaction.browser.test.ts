import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventStore, HistoryQuery, StoredRecord } from '../../index.js';
import { record, records } from '../../testing/store-conformance/case.js';
import { compactRows } from './compaction.js';
import type { Database } from './connection.js';
import { countRows } from './count.js';
import { newDatabase, newName, newStore, rowSizes, typesIn } from './database.test.kit.js';
import { trimLog } from './trim.js';

const none = Number.POSITIVE_INFINITY;

async function appendOneByOne(store: EventStore, count: number): Promise<number[]> {
  const offsets: number[] = [];
  for (const one of records('lone', count)) offsets.push((await store.append([one]))[0]?.offset ?? Number.NaN);
  return offsets;
}

async function compact(db: Database, events: number, rows = 2): Promise<number> {
  await countRows(db);
  return compactRows(db, () => true, { events, bytes: none, rows });
}

async function offsetsIn(store: EventStore, query: HistoryQuery = {}): Promise<readonly number[]> {
  const offsets: number[] = [];
  for await (const { offset } of store.read(query)) offsets.push(offset);
  return offsets;
}

describe('compaction', () => {
  it('S5 makes full rows of the small ones of a lone writer, and leaves every event its offset', async () => {
    const name = newName();
    const store = newStore(name);
    const offsets = await appendOneByOne(store, 1100);
    const db = await newDatabase(name);
    await countRows(db);
    expect(await compactRows(db)).toBe(998);
    expect((await rowSizes(name)).slice(0, 3)).toEqual([500, 500, 1]);
    expect(await offsetsIn(store)).toEqual(offsets);
    expect(await offsetsIn(store, { order: 'desc' })).toEqual(offsets.toReversed());
    for (const at of [0, 1, 499, 500, 501, 999, 1000, 1050]) {
      const offset = offsets[at] ?? Number.NaN;
      expect(await offsetsIn(store, { after: offset, limit: 2 })).toEqual(offsets.slice(at + 1, at + 3));
      const back: HistoryQuery = { before: offset, order: 'desc', limit: 2 };
      expect(await offsetsIn(store, back)).toEqual(offsets.slice(Math.max(0, at - 2), at).reverse());
      expect(await offsetsIn(store, { before: offset, pattern: 'lone' })).toEqual(offsets.slice(0, at));
      expect(await offsetsIn(store, { after: offset - 1, before: offset + 1, pattern: 'lone' })).toEqual([offset]);
    }
    expect(await compactRows(db)).toBe(0);
    await store.append([record('next')]);
    expect((await offsetsIn(store)).at(-1)).toBe(1101 * 1000);
  });

  it('S5 leaves rows alone that are more than half full, and those that it could make one of too few of', async () => {
    const name = newName();
    const store = newStore(name);
    for (const size of [1, 1, 1, 6, 2, 2, 2, 2, 2, 9, 1, 1]) await store.append(records('a', size));
    const db = await newDatabase(name);
    expect(await compact(db, 10, 4)).toBe(4);
    expect(await rowSizes(name)).toEqual([1, 1, 1, 6, 10, 9, 1, 1]);
  });

  it('S5 stops before the next row when it is not wanted any more', async () => {
    const name = newName();
    await appendOneByOne(newStore(name), 30);
    const db = await newDatabase(name);
    await countRows(db);
    let asked = 0;
    expect(await compactRows(db, () => ++asked < 2, { events: 10, bytes: none, rows: 2 })).toBe(9);
  });

  it('S5 may be done by two tabs at once', async () => {
    const name = newName();
    const store = newStore(name);
    const offsets = await appendOneByOne(store, 61);
    const tabs = await Promise.all([newDatabase(name), newDatabase(name)]);
    await Promise.all(tabs.map((db) => compact(db, 10)));
    expect(await rowSizes(name)).toEqual([10, 10, 10, 10, 10, 10, 1]);
    expect(await offsetsIn(store)).toEqual(offsets);
    const { events } = await countRows(tabs[0] as Database);
    expect(events).toBe(61);
  });
});

/** What happens to a log, and to readers of it that are on their way. */
type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'compact'; readonly events: number }
  | { readonly do: 'trim'; readonly keep: number }
  | { readonly do: 'purge'; readonly query: HistoryQuery }
  | { readonly do: 'start'; readonly query: HistoryQuery }
  | { readonly do: 'go on'; readonly count: number };

const types = ['a', 'b', 'c'];
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
/** `after` and `before` are rows here, and a little more. */
const asked: fc.Arbitrary<HistoryQuery> = fc
  .record({
    pattern: seldom(fc.constantFrom(...types, '*')),
    after: seldom(fc.nat(60_000)),
    before: seldom(fc.nat(60_000)),
    order: seldom(fc.constantFrom('asc', 'desc')),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
const purged = fc.tuple(asked, seldom(fc.nat(20))).map(([query, limit]) => ({ ...query, ...(limit ? { limit } : {}) }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('append'),
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('compact'), events: fc.integer({ min: 2, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim'), keep: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge'), query: purged }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start'), query: asked }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('go on'), count: fc.integer({ min: 1, max: 120 }) }) },
);

/** A log as a list, and readers that know what they must see. */
class Model {
  log: StoredRecord[] = [];
  readonly readers: Reader[] = [];

  remove(isGone: (stored: StoredRecord) => boolean): number {
    const gone = this.log.filter(isGone);
    this.log = this.log.filter((stored) => !gone.includes(stored));
    for (const reader of this.readers) for (const { offset } of gone) reader.due.delete(offset);
    return gone.length;
  }

  find({ pattern = '*', after = -1, before = none, order, limit = none }: HistoryQuery): readonly StoredRecord[] {
    const found = this.log.filter(
      ({ offset, record: { type } }) => offset > after && offset < before && (pattern === '*' || type === pattern),
    );
    return (order === 'desc' ? found.reverse() : found).slice(0, limit);
  }
}

/** Sees, once and in order, what was there when it began and has not gone before its turn. */
class Reader {
  readonly #reading: AsyncIterator<StoredRecord>;
  readonly #query: HistoryQuery;
  readonly #allowed: ReadonlySet<number>;
  readonly due: Set<number>;
  #last: number | undefined;

  constructor(store: EventStore, query: HistoryQuery, found: readonly StoredRecord[]) {
    this.#reading = store.read(query)[Symbol.asyncIterator]();
    this.#query = query;
    this.due = new Set(found.map(({ offset }) => offset));
    this.#allowed = new Set(this.due);
  }

  /** True when it is at the end. */
  async goOn(count: number): Promise<boolean> {
    for (let n = 0; n < count; n++) {
      const { value, done } = await this.#reading.next();
      if (done) {
        expect([...this.due]).toEqual([]);
        return true;
      }
      const { offset }: StoredRecord = value;
      expect(this.#allowed).toContain(offset);
      if (this.#last !== undefined) expect(offset > this.#last).toBe(this.#query.order !== 'desc');
      this.#last = offset;
      this.due.delete(offset);
    }
    return false;
  }
}

async function takeStep(step: Step, model: Model, store: EventStore, db: Database): Promise<void> {
  switch (step.do) {
    case 'append':
      for (const size of step.sizes) {
        const batch = Array.from({ length: size }, (_, n) => record(types[(size + n) % 3] as string));
        const refs = await store.append(batch);
        refs.forEach(({ offset }, n) => void model.log.push({ offset, record: batch[n] as StoredRecord['record'] }));
      }
      return;
    case 'compact':
      await compact(db, step.events);
      return;
    case 'trim': {
      await countRows(db);
      const trim = await trimLog(db, { maxAgeMs: none, maxBytes: none, maxEvents: step.keep }, 0);
      const gone = model.remove(({ offset }) => offset <= (trim?.floor ?? 0));
      expect(gone).toBe(trim?.events ?? 0);
      return;
    }
    case 'purge': {
      const found = model.find(step.query);
      model.remove((stored) => found.includes(stored));
      expect(await store.purge?.(step.query)).toBe(found.length);
      return;
    }
    case 'start': {
      const reader = new Reader(store, step.query, model.find(step.query));
      model.readers.push(reader);
      // It begins with its first event.
      await reader.goOn(1);
      return;
    }
    case 'go on': {
      const reader = model.readers.shift();
      if (reader !== undefined && !(await reader.goOn(step.count))) model.readers.push(reader);
    }
  }
}

it('S4 S5 no reader misses or repeats an event, whatever is merged, purged and trimmed on its way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 16, size: 'max' }), async (steps) => {
      const name = newName();
      const store = newStore(name);
      const db = await newDatabase(name);
      const model = new Model();
      for (const one of steps) await takeStep(one, model, store, db);
      while (model.readers.length > 0) await takeStep({ do: 'go on', count: none }, model, store, db);
      const all = model.log.map(({ offset }) => offset);
      expect(await offsetsIn(store)).toEqual(all);
      expect(await offsetsIn(store, { order: 'desc' })).toEqual(all.toReversed());
      expect(await typesIn(store, { pattern: 'a' })).toHaveLength(model.find({ pattern: 'a' }).length);
      // What is counted bit by bit is what is there.
      const { events } = await countRows(db);
      expect(events).toBe(all.length);
    }),
    { numRuns: 60 },
  );
}, 120_000);
