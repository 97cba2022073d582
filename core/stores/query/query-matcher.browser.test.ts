import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  compilePattern,
  type EventRecord,
  type EventStore,
  type HistoryQuery,
  type StoredRecord,
} from '../../index.js';
import { newName, newStore } from '../indexeddb/database.test.kit.js';
import { memoryStore } from '../memory.js';

const types = ['a', 'a.b', 'a.b.c', 'a.bc', 'b', 'b.a', 'b.b.b', 'constructor', 'ä.ö'];
const patterns = [...types, '*', '**', 'a.*', 'a.**', '*.b', '**.b', 'b.**.b', '*.*', 'none', 'none.*'];

const record: fc.Arbitrary<EventRecord> = fc
  .record({
    type: fc.constantFrom(...types),
    timestamp: fc.integer({ min: 0, max: 20 }),
    source: fc.constantFrom('app', 'shop'),
    correlationId: fc.constantFrom('c1', 'c2', 'c3', '\u{1F600}'),
    data: fc.jsonValue(),
  })
  .map((fields) => ({ v: 1, id: crypto.randomUUID(), metadata: {}, priority: 0, ...fields }));

/** Appends of one batch are under way at once; there are enough batches for several pages. */
const append = fc.array(record, { maxLength: 4 });
const batches = fc.array(fc.array(append, { maxLength: 3 }), { minLength: 1, maxLength: 12, size: 'max' });

/** `after` and `before` stand for places in the log, which become offsets when these are known. */
type Asked = Omit<HistoryQuery, 'signal'>;

/** Most conditions are left out, or hardly any query would find anything. */
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const query: fc.Arbitrary<Asked> = fc
  .record({
    pattern: seldom(fc.oneof(fc.constantFrom(...patterns), fc.array(fc.constantFrom(...patterns), { maxLength: 3 }))),
    source: seldom(fc.constantFrom('app', 'shop', 'none')),
    correlationId: seldom(fc.constantFrom('c1', 'c2', '\u{1F600}', 'none')),
    since: seldom(fc.integer({ min: -1, max: 21 })),
    until: seldom(fc.integer({ min: -1, max: 21 })),
    after: seldom(fc.nat(60)),
    before: seldom(fc.nat(60)),
    limit: seldom(fc.nat(12)),
    order: seldom(fc.constantFrom('asc', 'desc')),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

/** The rules of a query, each said once, over everything there is. */
function filterAll(log: readonly StoredRecord[], asked: HistoryQuery): readonly StoredRecord[] {
  const { pattern, source, correlationId, since, until, after, before, limit, order } = asked;
  const found = log
    .filter(({ record: { type } }) => pattern === undefined || compilePattern(pattern)(type))
    .filter((stored) => source === undefined || stored.record.source === source)
    .filter((stored) => correlationId === undefined || stored.record.correlationId === correlationId)
    .filter((stored) => since === undefined || stored.record.timestamp >= since)
    .filter((stored) => until === undefined || stored.record.timestamp <= until)
    .filter(({ offset }) => after === undefined || offset > after)
    .filter(({ offset }) => before === undefined || offset < before);
  return (order === 'desc' ? found.toReversed() : found).slice(0, limit);
}

async function readAll(store: EventStore, asked: HistoryQuery): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const stored of store.read(asked)) found.push(stored);
  return found;
}

it.each([
  ['a memory store', () => memoryStore()],
  ['an IndexedDB store', () => newStore(newName())],
])(
  'S4 finds in %s what a filter over everything finds',
  async (_, create) => {
    const property = fc.asyncProperty(
      batches,
      fc.array(query, { minLength: 1, maxLength: 12 }),
      async (given, asked) => {
        const store = create();
        const log: StoredRecord[] = [];
        for (const appends of given) {
          const refs = await Promise.all(appends.map((one) => store.append(one)));
          const written = appends.flat();
          for (const [index, { offset }] of refs.flat().entries())
            log.push({ offset, record: written[index] as EventRecord });
        }
        for (const { after, before, ...rest } of asked) {
          const offsetAt = (place: number): number => log[place]?.offset ?? (log.at(-1)?.offset ?? 0) + place;
          const exact: Asked = {
            ...rest,
            ...(after === undefined ? {} : { after: offsetAt(after) }),
            ...(before === undefined ? {} : { before: offsetAt(before) }),
          };
          expect(await readAll(store, exact), JSON.stringify(exact)).toEqual(filterAll(log, exact));
        }
        await store.close();
      },
    );
    await fc.assert(property, { numRuns: 150 });
  },
  60_000,
);
