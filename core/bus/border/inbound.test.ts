import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventBus, type DropReason, type EventBus, type Inspection } from '../../index.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

/** A node on a wire, and what becomes of what the wire brings. */
function node(): { wire: Wire; bus: EventBus; handled: unknown[]; dropped: DropReason[] } {
  const wire = new Wire();
  const bus = createEventBus({ transports: [wire.transport({ maxBytes: 100_000 })] });
  const handled: unknown[] = [];
  bus.on('**', (event) => handled.push(event.data));
  const dropped: DropReason[] = [];
  bus.inspect((one) => one.kind === 'dropped' && dropped.push(one.reason));
  return { wire, bus, handled, dropped };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const throwing = new Proxy(
  {},
  {
    get() {
      throw new Error('no');
    },
    ownKeys() {
      throw new Error('no');
    },
    getPrototypeOf() {
      throw new Error('no');
    },
  },
);

describe('garbage', () => {
  it.each<[what: string, payload: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'hello'],
    ['a number', 42],
    ['an object', { records: [] }],
    ['a record outside a list', recordFrom('other', 1)],
    ['a Map', new Map()],
    ['a function', () => {}],
    ['a proxy that throws', throwing],
  ])('T5 is counted and dropped as a message: %s', (_, payload) => {
    const { wire, bus, handled, dropped } = node();
    wire.inject(payload);
    wire.inject([recordFrom('other', 1)]);
    expect(dropped).toEqual(['malformed']);
    expect(bus.stats()).toMatchObject({ dropped: 1, received: 1, failures: 0 });
    expect(handled).toEqual([1]);
  });

  it('T5 is counted and dropped as a list of lists, holes and proxies, around a record that is well', () => {
    const { wire, bus, handled } = node();
    const list = [
      null,
      undefined,
      1,
      'x',
      [],
      {},
      [recordFrom('other', 7)],
      throwing,
      ...new Array(1),
      recordFrom('other', 1),
    ];
    wire.inject(list);
    expect(handled).toEqual([1]);
    expect(bus.stats()).toMatchObject({ dropped: list.length - 1, received: 1 });
  });

  it('T5 is dropped when a list throws as it is walked', () => {
    const { wire, bus, handled } = node();
    const list = Object.assign([1, 2], {
      *[Symbol.iterator]() {
        yield recordFrom('other', 1);
        throw new Error('no');
      },
    });
    wire.inject(list);
    expect(handled).toEqual([1]);
    expect(bus.stats()).toMatchObject({ dropped: 1, failures: 0 });
  });

  const wrong: readonly [field: string, values: readonly unknown[]][] = [
    ['id', [undefined, 1, '', 'x'.repeat(257), null, {}]],
    ['type', [undefined, '', 'a b', 'a..b', 'a.*', '*', `${'x'.repeat(257)}`, 'a.\u0000', 7]],
    ['timestamp', [undefined, '1', Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, null]],
    ['source', [undefined, '', 1, 'x'.repeat(257)]],
    ['correlationId', [undefined, '', 1]],
    ['causationId', [null, '', 1]],
    ['metadata', [undefined, null, [], 'x', 1]],
    ['priority', [undefined, '1', Number.NaN, Number.POSITIVE_INFINITY]],
    ['node', [undefined, '', 1, 'x'.repeat(257)]],
    ['seq', [undefined, -1, 1.5, '1', Number.NaN, 2 ** 53]],
    ['store', [null, '', 1]],
    ['offset', [null, -1, 0.5, '1', Number.POSITIVE_INFINITY]],
    ['v', [undefined, null, '1', true]],
  ];

  it.each(wrong)('T5 is dropped as malformed when its %s is wrong', (field, values) => {
    const { wire, handled, dropped } = node();
    wire.inject(values.map((value) => recordFrom('other', 1, { [field]: value })));
    expect(dropped).toEqual(values.map(() => 'malformed'));
    expect(handled).toEqual([]);
    wire.inject([recordFrom('other', 1)]);
    expect(handled).toEqual([1]);
  });

  it('T5 of another version, of a record or of the talk between buses, is dropped as such', () => {
    const { wire, bus, handled, dropped } = node();
    wire.inject([recordFrom('other', 1, { v: 2 }), recordFrom('other', 1, { type: '$gossip' })]);
    expect(dropped).toEqual(['unsupported-version', 'unsupported-version']);
    expect([handled, bus.nodes]).toEqual([[], []]);
  });

  it('T5 that is too large is dropped as such, in data, metadata or elsewhere', () => {
    const { wire, handled, dropped } = node();
    const large = 'x'.repeat(100_000);
    wire.inject([
      recordFrom('other', 1, { data: { large } }),
      recordFrom('other', 2, { metadata: { large } }),
      recordFrom('other', 3, { more: large }),
      recordFrom('other', 4, { data: new Array(2 ** 32 - 1) }),
      recordFrom('other', 5, { data: new Uint8Array(200_000) }),
    ]);
    expect(dropped).toEqual(Array.from({ length: 5 }, () => 'too-large'));
    expect(handled).toEqual([]);
  });

  it('T5 that is only a length is dropped at once', () => {
    const { wire, bus, dropped } = node();
    wire.inject(new Array(2 ** 32 - 1));
    expect(dropped).toEqual(['too-many']);
    expect(bus.stats().dropped).toBe(1);
  });

  it('T5 of a hundred thousand random kinds is taken or dropped one by one, and the bus goes on', () => {
    const { wire, bus, handled } = node();
    const fields = Object.keys(recordFrom('x', 1));
    const anything = fc.oneof(fc.anything({ maxDepth: 2 }), fc.constantFrom(...wrong.flatMap(([, values]) => values)));
    const mutation = fc.tuple(fc.constantFrom(...fields, 'extra', '__proto__'), anything);
    const records = fc.array(
      fc.oneof(
        fc
          .tuple(fc.nat(50), fc.nat(), fc.array(mutation, { maxLength: 3 }))
          .map(([who, seq, changes]) =>
            recordFrom(`node-${who}`, seq, { type: 'random', ...Object.fromEntries(changes) }),
          ),
        anything,
      ),
      { minLength: 100, maxLength: 100 },
    );
    let injected = 0;
    fc.assert(
      fc.property(records, (list) => {
        wire.inject(list);
        injected += list.length;
        const { received, dropped, failures } = bus.stats();
        expect(failures).toBe(0);
        // What is neither taken nor dropped is a greeting, and none was made up.
        expect(received + dropped).toBe(injected);
      }),
      { numRuns: 1000 },
    );
    expect(injected).toBe(100_000);
    const before = handled.length;
    expect(bus.stats().received).toBe(before);
    wire.inject([recordFrom('the-last', 1, { data: 'still here' })]);
    expect(handled.slice(before)).toEqual(['still here']);
  }, 60_000);

  it('T5 is dropped without an observer as well', () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    bus.on('**', () => {});
    wire.inject([null, recordFrom('other', 1)]);
    expect(bus.stats()).toMatchObject({ dropped: 1, received: 1 });
  });
});

describe('a record', () => {
  it('T3 is taken once, however often it comes', () => {
    const { wire, bus, handled, dropped } = node();
    for (let i = 0; i < 3; i++) wire.inject([1, 2, 3].map((seq) => recordFrom('other', seq)));
    expect(handled).toEqual([1, 2, 3]);
    expect(dropped).toEqual(Array.from({ length: 6 }, () => 'duplicate'));
    expect(bus.stats()).toMatchObject({ received: 3, dropped: 6 });
  });

  it('T3 is taken once by a node that hears the same ones on two transports', async () => {
    const [left, right] = [new Wire(), new Wire()];
    const there = createEventBus({ transports: [left.transport(), right.transport()] });
    const handled: unknown[] = [];
    there.on('tick', (event) => handled.push(event.data));
    const here = createEventBus({ transports: [left.transport(), right.transport()] });
    for (let i = 0; i < 100; i++) here.emit('tick', i);
    await here.idle();
    expect(handled).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(there.nodes).toHaveLength(1);
    expect(there.stats()).toMatchObject({ received: 100, dropped: 100 });
  });

  it('T3 is taken once after twenty thousand others', () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    bus.on('other', () => {});
    for (let from = 0; from < 20_000; from += 1000) {
      wire.inject(Array.from({ length: 1000 }, (_, i) => recordFrom('other', from + i)));
    }
    wire.inject([recordFrom('other', 0), recordFrom('other', 10_000)]);
    expect(bus.stats()).toMatchObject({ received: 20_000, dropped: 2 });
  }, 20_000);

  it('T3 is taken late, once, when it did not come in its turn', () => {
    const { wire, handled, dropped } = node();
    const arrive = (...sequences: number[]): void => wire.inject(sequences.map((seq) => recordFrom('other', seq)));
    arrive(5, 9, 7, 7, 6, 8, 6, 10, 2, 2);
    expect(handled).toEqual([5, 9, 7, 6, 8, 10, 2]);
    expect(dropped).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  it('T3 of this node is ignored when a medium brings it back', async () => {
    const { wire, bus, handled } = node();
    bus.emit('tick', 'mine');
    await bus.idle();
    wire.inject([...wire.events]);
    wire.inject([recordFrom(bus.nodeId, 99)]);
    expect(handled).toEqual(['mine']);
    expect(bus.stats()).toMatchObject({ received: 0, dropped: 0 });
  });

  it.each<[what: string, nodeOf: (n: number) => string, nodes: number]>([
    ['ever new nodes', (n) => `node-${n >> 2}`, 1000],
    ['one node', () => 'lossy', 1],
  ])(
    'T3 leaves nothing behind that grows with records, gaps and types: those of %s',
    (_, nodeOf, nodes) => {
      const wire = new Wire();
      const bus = createEventBus({ transports: [wire.transport()] });
      bus.on('known', () => {});
      let made = 0;
      const flood = (messages: number): number => {
        for (let i = 0; i < messages; i++) {
          // Every second one is missing, and every type is new.
          const records = Array.from({ length: 500 }, () => {
            made++;
            return recordFrom(nodeOf(made), 2 * made, { type: `type-${made}` });
          });
          wire.inject(records);
        }
        collectGarbage();
        return process.memoryUsage().heapUsed;
      };
      const before = flood(20);
      const grown = flood(80) - before;
      expect(bus.nodes).toHaveLength(nodes);
      expect(bus.stats()).toMatchObject({ received: 50_000, dropped: 0 });
      expect(grown).toBeLessThan(600_000);
    },
    60_000,
  );

  it('I1 is inspected with the transport it came by and the node it is from', () => {
    const { wire, bus } = node();
    const seen: Inspection[] = [];
    bus.inspect((one) => one.kind === 'received' && seen.push(one));
    wire.inject([recordFrom('other', 1, { type: 'user.created' })]);
    expect(seen).toMatchObject([
      { transport: 'wire', node: 'other', event: { type: 'user.created', source: 'other' } },
    ]);
  });

  it('D9 is handled although the handler of the one before it failed', () => {
    const wire = new Wire();
    const failures: unknown[] = [];
    const bus = createEventBus({ transports: [wire.transport()], onError: ({ error }) => failures.push(error) });
    const handled: unknown[] = [];
    bus.on('ping', ({ data }) => {
      handled.push(data);
      if (data === 1) throw new Error('one');
    });
    wire.inject([recordFrom('other', 1), recordFrom('other', 2)]);
    expect(handled).toEqual([1, 2]);
    expect(failures).toMatchObject([{ message: 'one' }]);
  });

  it('T5 that comes when the bus is closed is neither handled nor counted', async () => {
    const log: unknown[] = [];
    const wire = new Wire();
    let receive: (payload: unknown) => void = () => {};
    const transport = wire.transport();
    const { open } = transport;
    const bus = createEventBus({
      transports: [
        {
          ...transport,
          open: (host) => {
            receive = host.receive.bind(host);
            return open(host);
          },
        },
      ],
      onError: (failure) => log.push(failure),
    });
    bus.on('**', (event) => log.push(event));
    const closed = bus.close();
    receive([recordFrom('other', 1)]);
    await closed;
    receive([recordFrom('other', 2), null]);
    expect(log).toEqual([]);
    expect(bus.stats()).toMatchObject({ received: 0, dropped: 0 });
  });
});
