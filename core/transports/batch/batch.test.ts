import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../index.js';
import { packBatch, unpackBatch } from './batch.js';

const id = fc.constantFrom('id-1', 'id-2', 'id-3');
const name = fc.constantFrom('a', 'b');

/** All there are: a new one is to be carried, too. */
const fields: Record<keyof EventRecord, fc.Arbitrary<unknown>> = {
  ...{ v: fc.constant(1 as const), id, type: name, timestamp: fc.nat(), source: name, correlationId: id },
  ...{ data: fc.anything({ withDate: false }), priority: fc.constantFrom(0, 0, 5), node: name, seq: fc.nat() },
  metadata: fc.oneof(fc.constant({}), fc.dictionary(fc.constantFrom('k', 'v', '__proto__'), fc.nat())),
  ...{ causationId: id, store: name, offset: fc.nat(), ttlMs: fc.nat(), request: fc.constant(true) },
  ofError: fc.constant(true),
};

/** Records with every mixture of present and absent fields, and neighbours that differ in those a message says once. */
const record = fc.record(fields, {
  requiredKeys: ['v', 'id', 'type', 'timestamp', 'source', 'correlationId', 'data', 'metadata', 'priority'],
}) as fc.Arbitrary<EventRecord>;

/** Without fields that are there but undefined: no record is told from one where they are absent. */
const present = (records: unknown): unknown =>
  (records as EventRecord[]).map((one) =>
    Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)),
  );

describe('a batch', () => {
  it('T4 brings back every field of every record', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        expect(present(unpackBatch(packBatch(records)))).toEqual(present(records));
      }),
      { numRuns: 2000 },
    );
  });

  it('T1 says once what its records share, and of each only what it has', () => {
    const common = { v: 1, type: 'tick', timestamp: 1, source: 's', metadata: {}, priority: 0, node: 'n' } as const;
    const batch = packBatch([
      { ...common, id: 'a', correlationId: 'a', data: 1, seq: 1 },
      { ...common, id: 'b', correlationId: 'a', data: 2, seq: 2 },
    ]);
    expect(batch.rows).toEqual([
      ['a', 'tick', 1, 1, 1],
      ['b', 'tick', 1, 2, 2, undefined, 'a'],
    ]);
    expect(batch).toMatchObject({ node: 'n', source: 's' });
  });

  it('T5 hands on what is no batch as it came', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        fc.pre(typeof message !== 'object' || message === null || !('crosstown' in message));
        expect(unpackBatch(message)).toBe(message);
      }),
    );
  });
});
