import type { Transport } from '../../index.js';
import { expectFailure, expectSame, type Host, openedPair, sentRecord, type TransportCase, until } from './case.js';

async function opened(pair: () => Promise<readonly [Transport, Transport]>): Promise<{
  readonly one: Transport;
  readonly atOne: Host;
  readonly other: Transport;
  readonly atOther: Host;
}> {
  const [one, other] = await pair();
  const [atOne, atOther] = await openedPair(one, other);
  return { one, atOne, other, atOther };
}

const dataAt = (host: Host): readonly unknown[] => host.records.map(({ data }) => data);

/** A value that JSON cannot hold, and one that structured clone cannot either. */
const refused = { json: 1n, 'structured-clone': () => {} };

export const recordCases: readonly TransportCase[] = [
  {
    name: 'T1 brings records to the other side, in lists, with every field, and not back',
    run: async (pair) => {
      const { one, atOne, other, atOther } = await opened(pair);
      const whole = {
        ...sentRecord('one', { text: 'Lübeck', list: [1, null, { deep: true }], none: null }),
        causationId: 'the-cause',
        correlationId: 'the-chain',
        metadata: { tenant: 'a', nested: { n: 1 } },
        priority: -3,
        ttlMs: 5000,
        request: true,
        ofError: true,
        store: 'log',
        offset: 12,
      };
      const plain = sentRecord('one', 'plain');
      const ofAnother = { ...sentRecord('another', 'relayed'), source: 'elsewhere' };
      await one.publish([whole, plain, ofAnother]);
      await one.publish([{ ...plain, metadata: { only: 'this' } }]);
      await until(() => atOther.records.length === 4, 'they have arrived');
      const sorted = (record: object): unknown => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
      const expected = [whole, plain, ofAnother, { ...plain, metadata: { only: 'this' } }];
      expectSame(atOther.records.map(sorted), expected.map(sorted), 'records');
      expectSame(atOther.calls.map(Array.isArray).includes(false), false, 'something other than a list');
      await other.publish([sentRecord('other', 'answer')]);
      await until(() => dataAt(atOne).includes('answer'), 'the answer has arrived');
      expectSame(dataAt(atOne), ['answer'], 'records at the sender');
    },
  },
  {
    name: 'T6 keeps the order of a sender over many messages, if it says so',
    run: async (pair) => {
      const { one, atOther } = await opened(pair);
      const sent: number[] = [];
      for (let i = 0; i < 500; i++) {
        const pending = one.publish([0, 1].map((k) => sentRecord('one', 2 * i + k)));
        if (!one.caps.order) await pending;
        sent.push(2 * i, 2 * i + 1);
      }
      await until(() => atOther.records.length >= sent.length, 'all have arrived');
      const arrived = dataAt(atOther) as number[];
      expectSame(one.caps.order ? arrived : [...arrived].sort((a, b) => a - b), sent, 'numbers');
    },
  },
  {
    name: 'T1 sends a record as it is when it is published',
    run: async (pair) => {
      const { one, atOther } = await opened(pair);
      const data = { n: 1 };
      const pending = one.publish([sentRecord('one', data)]);
      data.n = 2;
      await pending;
      await until(() => atOther.records.length === 1, 'it has arrived');
      expectSame(dataAt(atOther), [{ n: 1 }], 'data');
    },
  },
  {
    name: 'T4 carries values as its caps say',
    run: async (pair) => {
      const { one, atOther } = await opened(pair);
      const json = { text: '\u0000 "quoted" \u{1F600}', numbers: [0, -1.5, 1e300], empty: [{}, [], ''], no: false };
      await one.publish([sentRecord('one', json), sentRecord('one', undefined)]);
      await until(() => atOther.records.length === 2, 'they have arrived');
      expectSame(dataAt(atOther)[0], json, 'what JSON can hold');
      expectSame(dataAt(atOther)[1] === undefined, true, 'no data at all');
      if (one.caps.carries !== 'structured-clone') return;
      const loop: { self?: unknown } = {};
      loop.self = loop;
      await one.publish([sentRecord('one', { map: new Map([[1, new Set(['a'])]]), at: new Date(5), big: 7n, loop })]);
      await until(() => atOther.records.length === 3, 'it has arrived');
      const rich = dataAt(atOther)[2] as { map: Map<number, Set<string>>; at: Date; big: bigint; loop: typeof loop };
      const kept = [rich.map.get(1)?.has('a'), rich.at.getTime(), String(rich.big), rich.loop.self === rich.loop];
      expectSame(kept, [true, 5, '7', true], 'what structured clone keeps');
    },
  },
  {
    name: 'T4 refuses a batch whole, saying which record cannot be carried, and goes on',
    run: async (pair) => {
      const { one, atOther } = await opened(pair);
      const batch = ['a', { deep: [refused[one.caps.carries]] }, 'b'].map((data) => sentRecord('one', data));
      const error = await expectFailure(async () => one.publish(batch), 'SerializationError');
      const { index, type, path } = error as Error & { index?: number; type?: string; path?: string };
      expectSame({ index, type, path }, { index: 1, type: 'tick', path: 'data.deep[0]' }, 'what the error names');
      await one.publish([sentRecord('one', 'c')]);
      await until(() => dataAt(atOther).includes('c'), 'the next record has arrived');
      expectSame(dataAt(atOther), ['c'], 'records that arrived');
    },
  },
  {
    name: 'T4 carries a record that is nearly as large as it may be',
    run: async (pair) => {
      const { one, atOther } = await opened(pair);
      const length = Math.min(one.caps.maxBytes, 4 * 1024 * 1024) - 1000;
      await one.publish([sentRecord('one', 'x'.repeat(Math.max(length, 1)))]);
      await until(() => atOther.records.length === 1, 'it has arrived');
      expectSame((dataAt(atOther)[0] as string).length, Math.max(length, 1), 'length');
    },
  },
  {
    name: 'T1 carries a thousand records at once',
    run: async (pair) => {
      const { one, atOther } = await opened(pair);
      const numbers = Array.from({ length: 1000 }, (_, i) => i);
      await one.publish(numbers.map((n) => sentRecord('one', n)));
      await until(() => atOther.records.length >= 1000, 'all have arrived');
      expectSame(dataAt(atOther), numbers, 'numbers');
    },
  },
];
