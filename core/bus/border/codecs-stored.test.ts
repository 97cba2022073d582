import { afterEach, describe, expect, it } from 'vitest';
import { replay } from '../../flows/replay.js';
import type { BusOptions, EventStore, Inspection } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../../testing/index.js';
import { reactions } from '../deferred.test.kit.js';
import { hanging, MARKER, reversing, SlowCodec, tells } from './codecs.test.fixture.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

const open: TestEventBus[] = [];

afterEach(async () => {
  for (const bus of open.splice(0)) {
    const closed = bus.close({ timeoutMs: 0 });
    await bus.clock.advance(60_000);
    await closed;
  }
});

function node(store: EventStore, options: Omit<BusOptions, 'clock'> = {}) {
  const clock = new SimulatedClock();
  const bus = createTestEventBus({ clock, store, codecs: [new SlowCodec()], ...options });
  open.push(bus);
  const dropped: (Inspection & { kind: 'dropped' })[] = [];
  bus.inspect((one) => one.kind === 'dropped' && dropped.push(one));
  return { bus, clock, dropped };
}

async function all<T>(read: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of read) found.push(one);
  return found;
}

const shared = (): EventStore => memoryStore({ shared: true });

/** All that can be read of a store by whoever opens it. */
async function everythingIn(store: EventStore): Promise<unknown> {
  return [await all(store.read()), await store.deadLetters?.list(), [...((await store.cursors?.list()) ?? [])]];
}

/** A subscription that notes the data it gets. */
function collect(bus: TestEventBus, options: Parameters<TestEventBus['on']>[2]): unknown[] {
  const got: unknown[] = [];
  bus.on('**', ({ data }) => void got.push(data), options);
  return got;
}

/** Puts a record into a store that a codec refuses. */
const forge = (store: EventStore) => store.append([recordFrom('x', 1, { type: 'secret', data: 'forged' })]);

describe('what is stored', () => {
  it.each([
    ['one that works at once', reversing()],
    ['one that does not', new SlowCodec()],
  ])('G6 S4 is history in plain, with %s', async (_, codec) => {
    const store = shared();
    const { bus, dropped } = node(store, { codecs: [codec] });
    for (const [type, data] of [
      ['secret', MARKER],
      ['open', 1],
      ['secret', 2],
    ] as const)
      bus.emit(type, data);
    await bus.idle();
    await forge(store);
    bus.emit('secret', 3);
    await bus.idle();
    const read = await all(bus.history());
    expect(read.map(({ event }) => event.data)).toEqual([MARKER, 1, 2, 3]);
    expect(tells(await everythingIn(store))).toBe(false);
    expect(dropped).toMatchObject([{ reason: 'undecodable', transport: undefined }]);
    expect([bus.failures, bus.stats().dropped]).toMatchObject([[{ stage: 'store', event: undefined }], 1]);
  });

  it('G6 T2 is encoded, too, where a node keeps what arrives in a store of its own', async () => {
    const wire = new Wire();
    const own = memoryStore();
    const here = node(memoryStore(), { transports: [wire.transport()] });
    const there = node(own, { transports: [wire.transport()] });
    there.bus.on('**', () => {});
    here.bus.emit('secret', MARKER);
    await here.bus.idle();
    await there.bus.idle();
    const [stored] = await all(there.bus.history());
    expect([stored?.event.data, tells(await everythingIn(own))]).toEqual([MARKER, false]);
  });

  it('G6 S6 comes to durable subscriptions in order, and past what a codec refuses', async () => {
    const store = shared();
    const writer = node(store);
    writer.bus.emit('secret', 1);
    await writer.bus.idle();
    await forge(store);
    for (let i = 2; i <= 6; i++) writer.bus.emit(i % 2 === 0 ? 'open' : 'secret', i);
    await writer.bus.idle();
    const reader = node(store);
    const got = collect(reader.bus, { durable: 'all', from: 'all', concurrency: 3 });
    const live = collect(reader.bus, { from: { offset: 3 } });
    await reader.bus.idle();
    expect([got, live]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [2, 3, 4, 5, 6],
    ]);
    expect(reader.dropped).toMatchObject([{ reason: 'undecodable' }]);
    await reader.clock.advance(5000);
    await reader.bus.close();
    expect((await store.cursors?.get('all'))?.offset).toBe(7);
    const again = node(store);
    const rest = collect(again.bus, { durable: 'all' });
    again.bus.emit('secret', 7);
    await again.bus.idle();
    expect([rest, again.dropped]).toEqual([[7], []]);
  });

  it('G6 S6 does not hold a subscription that has nothing but what a codec refuses', async () => {
    const store = shared();
    await forge(store);
    const { bus, clock } = node(store);
    const got = collect(bus, { durable: 'all', from: 'all' });
    await bus.idle();
    await clock.advance(2000);
    await bus.close();
    expect([got, (await store.cursors?.get('all'))?.offset]).toEqual([[], 1]);
  });

  it('G6 S6 G8 is handled by the next node when the bus closes while it is decoded', async () => {
    const store = shared();
    const writer = node(store);
    writer.bus.emit('secret', 1);
    await writer.bus.idle();
    const stuck = node(store, { codecs: [hanging()] });
    const none = collect(stuck.bus, { durable: 'all', from: 'all', group: 'g' });
    await reactions();
    await stuck.bus.close();
    expect([none, stuck.dropped, stuck.clock.pending]).toEqual([[], [], 0]);
    const next = node(store);
    const got = collect(next.bus, { durable: 'all', group: 'g' });
    await next.bus.idle();
    expect(got).toEqual([1]);
  });

  it('G6 S6 is passed when a codec never ends', async () => {
    const store = shared();
    const writer = node(store);
    writer.bus.emit('secret', 1);
    writer.bus.emit('open', 2);
    await writer.bus.idle();
    const { bus, clock, dropped } = node(store, { codecs: [hanging()] });
    const got = collect(bus, { durable: 'all', from: 'all' });
    await clock.advance(7000);
    await bus.idle();
    expect([got, dropped]).toMatchObject([[2], [{ reason: 'undecodable' }]]);
  });

  it('G6 S8 is replayed in plain, and encoded again when it is stored and sent again', async () => {
    const store = shared();
    const wire = new Wire();
    const { bus } = node(store, { transports: [wire.transport()] });
    await bus.emit('secret', MARKER).persisted;
    const got = collect(bus, {});
    await replay(bus, { store: true, send: true });
    await bus.idle();
    const stored = await all(store.read());
    expect([got, stored.length, wire.events.length]).toEqual([[MARKER], 2, 2]);
    expect(tells([stored, wire.messages])).toBe(false);
    expect((await all(bus.history())).map(({ event }) => event.data)).toEqual([MARKER, MARKER]);
  });
});

describe('a failure', () => {
  const fails = (bus: TestEventBus): void => {
    const fail = ({ data }: { readonly data: unknown }): void => {
      throw new RangeError(`cannot ${String(data)}`);
    };
    bus.on('secret', fail, { name: 'ledger' });
  };

  it('G6 F3 F4 is told in plain on its node alone', async () => {
    const store = shared();
    const wire = new Wire();
    const { bus } = node(store, { transports: [wire.transport()] });
    fails(bus);
    const reports: unknown[] = [];
    bus.on('error.occurred', ({ data }) => reports.push(data));
    bus.emit('secret', MARKER);
    await bus.idle();
    const [letter] = await bus.deadLetters.list();
    expect([letter?.event.data, letter?.error]).toEqual([MARKER, new RangeError(`cannot ${MARKER}`)]);
    expect(reports).toMatchObject([{ error: { name: 'RangeError' }, handler: 'ledger' }]);
    expect(tells([wire.messages, await everythingIn(store), reports])).toBe(false);
    expect(await store.deadLetters?.list()).toMatchObject([{ error: { name: 'RangeError' } }]);
  });

  it('G6 F4 is told whole where its report is covered, too', async () => {
    const wire = new Wire();
    const { bus } = node(shared(), { transports: [wire.transport()], codecs: [reversing({ covers: () => true })] });
    fails(bus);
    const reports: unknown[] = [];
    bus.on('error.occurred', ({ data }) => reports.push(data));
    bus.emit('secret', MARKER);
    await bus.idle();
    expect(reports).toMatchObject([{ error: { message: `cannot ${MARKER}` } }]);
    expect(tells(wire.messages)).toBe(false);
  });

  it('G6 F4 is told as ever when its event is not covered', async () => {
    const { bus } = node(shared());
    bus.on('open', () => {
      throw new RangeError('why');
    });
    bus.emit('open');
    await bus.idle();
    expect(bus.emittedOf('error.occurred')).toMatchObject([{ data: { error: { message: 'why' } } }]);
  });

  it('G6 F3 is listed and tried again in plain on another node', async () => {
    const store = shared();
    const one = node(store);
    fails(one.bus);
    one.bus.emit('secret', MARKER, { metadata: { tenant: 'a' } });
    await one.bus.idle();
    const other = node(store);
    const got: unknown[] = [];
    other.bus.on('secret', ({ data, metadata }) => got.push(data, metadata), { name: 'ledger' });
    const [letter] = await other.bus.deadLetters.list();
    expect(letter).toMatchObject({ event: { data: MARKER }, error: { name: 'RangeError' } });
    await other.bus.deadLetters.retry(letter?.id ?? '');
    expect(got).toEqual([MARKER, { tenant: 'a' }]);
    expect(await one.bus.deadLetters.list()).toEqual([]);
  });

  it('G6 F3 is not listed when a codec refuses its event, and can be discarded', async () => {
    const store = shared();
    const one = node(store);
    fails(one.bus);
    one.bus.emit('secret', 1);
    await one.bus.idle();
    const [{ id } = { id: '' }] = await one.bus.deadLetters.list();
    const other = node(store, { codecs: [reversing({ decode: () => Promise.reject(new Error('no')) })] });
    expect(await other.bus.deadLetters.list()).toEqual([]);
    expect(other.dropped).toMatchObject([{ reason: 'undecodable' }]);
    await expect(other.bus.deadLetters.retry(id)).rejects.toThrow('is not there');
    expect(await other.bus.deadLetters.discard(id)).toBe(true);
  });

  it('G6 F3 stays in memory when its event cannot be encoded', async () => {
    const store = shared();
    const { bus } = node(store, { codecs: [reversing({ encode: () => Promise.reject(new Error(MARKER)) })] });
    fails(bus);
    bus.emit('secret', MARKER);
    await bus.idle();
    expect(await bus.deadLetters.list()).toMatchObject([{ event: { data: MARKER } }]);
    expect(await store.deadLetters?.list()).toEqual([]);
    expect(bus.failures.map(({ stage }) => stage)).toEqual(['handler', 'store', 'store']);
  });
});
