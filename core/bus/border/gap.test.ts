import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type BusOptions, createEventBus, type EventBus, type EventRecord, type Failure } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { Log } from './log.test.fixture.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

type GapSeen = readonly [from: number, to: number, filled: number];

interface Receiver {
  readonly bus: EventBus;
  readonly handled: unknown[];
  readonly gaps: GapSeen[];
  readonly failures: Failure[];
}

/** A node that notes what it handles and what it misses. */
function receiver(wire: Wire, options: BusOptions = {}): Receiver {
  const [handled, gaps, failures]: [unknown[], GapSeen[], Failure[]] = [[], [], []];
  const onError = (failure: Failure): number => failures.push(failure);
  const bus = createEventBus({ transports: [wire.transport()], onError, ...options });
  bus.on('**', (event) => handled.push(event.data));
  bus.inspect((one) => one.kind === 'gap' && gaps.push([one.from, one.to, one.filled]));
  return { bus, handled, gaps, failures };
}

/** Emits numbers one by one, each sent on its own. */
async function emitEach(bus: EventBus, ...numbers: number[]): Promise<void> {
  for (const n of numbers) {
    bus.emit('tick', n);
    await bus.idle();
  }
}

const losing =
  (...sequences: number[]) =>
  ({ type, seq }: EventRecord): boolean =>
    !type.startsWith('$') && sequences.includes(seq ?? 0);

const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('a gap without a shared store', () => {
  it.each<[string, BusOptions]>([
    ['no store', {}],
    ['a store of its own', { store: new Log({ shared: false }) }],
  ])('T7 is reported, and nothing waits: %s', async (_, options) => {
    const wire = new Wire();
    const there = receiver(wire, options);
    const here = createEventBus({ transports: [wire.transport()] });
    wire.loses = losing(2, 5, 6);
    await emitEach(here, ...oneTo(7));
    expect(there.handled).toEqual([1, 3, 4, 7]);
    expect(there.gaps).toEqual([
      [2, 2, 0],
      [5, 6, 0],
    ]);
    expect((options.store as Log | undefined)?.reads ?? []).toEqual([]);
  });

  it('T7 is not seen before the first record of a node, nor in its greetings', async () => {
    const wire = new Wire();
    const here = createEventBus({ transports: [wire.transport()] });
    await emitEach(here, 1, 2, 3);
    const there = receiver(wire);
    await emitEach(here, 4);
    wire.inject([recordFrom('another', 40), recordFrom('another', 40, { type: '$welcome' })]);
    expect(there.gaps).toEqual([]);
  });

  it('T7 is what a refused event leaves behind', async () => {
    const wire = new Wire();
    const there = receiver(wire);
    const here = createEventBus({ transports: [wire.transport()], onError: () => {} });
    here.emit('tick', 1);
    here.emit('tick', () => {});
    here.emit('tick', 3);
    await here.idle();
    expect(there.handled).toEqual([1, 3]);
    expect(there.gaps).toEqual([[2, 2, 0]]);
  });
});

describe('a gap with a shared store', () => {
  it('T7 is filled from it, in order', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    const here = createEventBus({ transports: [wire.transport()], store: log });
    wire.loses = losing(3, 4, 7);
    await emitEach(here, ...oneTo(10));
    await there.bus.idle();
    expect(there.handled).toEqual(oneTo(10));
    expect(there.gaps).toEqual([
      [3, 4, 2],
      [7, 7, 1],
    ]);
    expect(there.bus.stats()).toMatchObject({ received: 10, dropped: 0 });
    expect(log.records).toHaveLength(10);
    expect(wire.events).toHaveLength(10);
  });

  it('T7 is reported where its events were not stored', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    const here = createEventBus({ transports: [wire.transport()], store: log, persist: 'kept' });
    wire.loses = losing(2, 3, 4);
    for (const [n, type] of ['kept', 'kept', 'passing', 'kept', 'passing'].entries()) {
      here.emit(type, n + 1);
      await here.idle();
    }
    await there.bus.idle();
    expect(there.handled).toEqual([1, 2, 4, 5]);
    expect(there.gaps).toEqual([[2, 4, 2]]);
  });

  it('T7 keeps what comes after it waiting, and all gaps that open meanwhile cost one more reading', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    const here = createEventBus({ transports: [wire.transport()], store: log });
    wire.loses = losing(...oneTo(100).filter((n) => n % 3 === 2));
    log.holdsReads = true;
    await emitEach(here, ...oneTo(100));
    expect(there.handled).toEqual([1]);
    log.release();
    await there.bus.idle();
    expect(there.handled).toEqual(oneTo(100));
    expect(there.gaps).toHaveLength(33);
    expect(there.gaps.every(([, , filled]) => filled === 1)).toBe(true);
    expect(log.reads).toHaveLength(2);
  });

  it('T7 is looked for no further back than where it lies', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    await log.append(oneTo(900).map((n) => recordFrom('other', n)));
    await log.append(oneTo(100).map((n) => recordFrom('another', n)));
    wire.inject([recordFrom('other', 890), recordFrom('other', 901), recordFrom('another', 99)]);
    await there.bus.idle();
    expect(there.gaps).toEqual([[891, 900, 10]]);
    expect(log.recordsRead).toBe(110);
    wire.inject([recordFrom('another', 101), recordFrom('other', 903)]);
    await there.bus.idle();
    expect(there.gaps.slice(1)).toEqual([
      [100, 100, 1],
      [902, 902, 0],
    ]);
    // The newest record of each node says that there is nothing behind it.
    expect(log.recordsRead).toBe(110 + 1 + 101);
  });

  it('T7 does not hold up the events of other nodes', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    log.holdsReads = true;
    wire.inject([recordFrom('lossy', 1), recordFrom('lossy', 3)]);
    wire.inject([recordFrom('sound', 1, { data: 'sound' })]);
    expect(there.handled).toEqual([1, 'sound']);
    log.release();
    await there.bus.idle();
    expect(there.handled).toEqual([1, 'sound', 3]);
  });

  it('T7 takes a missing record once, be it found or come late', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    await log.append([2, 3].map((seq) => recordFrom('other', seq)));
    log.holdsReads = true;
    wire.inject([recordFrom('other', 1), recordFrom('other', 4), recordFrom('other', 2)]);
    log.release();
    await there.bus.idle();
    wire.inject([recordFrom('other', 3)]);
    expect(there.handled).toEqual([1, 2, 3, 4]);
    expect(there.bus.stats()).toMatchObject({ received: 4, dropped: 1 });
  });

  it('I1 tells that a found event came from the store', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    const received: unknown[] = [];
    there.bus.inspect((one) => one.kind === 'received' && received.push([one.event.data, one.transport]));
    await log.append([recordFrom('other', 2)]);
    wire.inject([recordFrom('other', 1), recordFrom('other', 3)]);
    await there.bus.idle();
    expect(received).toEqual([
      [1, 'wire'],
      [2, 'store'],
      [3, 'wire'],
    ]);
  });

  it('T7 is filled when a node says, as it leaves, that there was more: its last commits are waited for', async () => {
    const wire = new Wire();
    const log = new Log();
    const clock = new SimulatedClock();
    const there = receiver(wire, { store: log, clock });
    const here = createEventBus({ transports: [wire.transport()], store: log });
    await emitEach(here, 1);
    log.holdsCommits = true;
    here.emit('tick', 2);
    here.emit('tick', 3);
    await new Promise((resolve) => setTimeout(resolve));
    wire.turn(here.nodeId, 'closing');
    wire.turn(here.nodeId, 'closed');
    expect(there.bus.nodes).toEqual([]);
    await clock.advance(499);
    log.commit();
    await here.idle();
    expect(log.reads).toEqual([]);
    await clock.advance(1);
    await there.bus.idle();
    expect(there.handled).toEqual([1, 2, 3]);
    expect(there.gaps).toEqual([[2, 3, 2]]);
  });

  it('T7 is filled when the page of this node was away', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    const here = createEventBus({ transports: [wire.transport()], store: log });
    await emitEach(here, 1);
    wire.turn(there.bus.nodeId, 'closing');
    wire.turn(there.bus.nodeId, 'closed');
    wire.loses = losing(2, 3, 4);
    await emitEach(here, 2, 3, 4);
    wire.loses = () => false;
    wire.turn(there.bus.nodeId, 'open');
    await there.bus.idle();
    await emitEach(here, 5);
    expect(there.handled).toEqual([1, 2, 3, 4, 5]);
  });

  it('T7 leaves nothing out and nothing in disorder, whatever is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ kept: fc.boolean(), lost: fc.boolean(), together: fc.boolean() }), { maxLength: 60 }),
        async (events) => {
          const wire = new Wire();
          const log = new Log();
          const clock = new SimulatedClock();
          const there = receiver(wire, { store: log, clock });
          const here = createEventBus({ transports: [wire.transport()], store: log, persist: 'kept' });
          there.bus.emit('hello');
          wire.loses = ({ type, data }) => !type.startsWith('$') && events[data as number]?.lost === true;
          for (const [n, { kept, together }] of events.entries()) {
            here.emit(kept ? 'kept' : 'passing', n);
            if (!together) await here.idle();
          }
          await here.close();
          await clock.advance(500);
          await there.bus.idle();
          const expected = events.flatMap(({ kept, lost }, n) => (kept || !lost ? [n] : []));
          expect(there.handled.slice(1)).toEqual(expected);
          expect(there.bus.stats()).toMatchObject({ dropped: 0, failures: 0 });
        },
      ),
      { numRuns: 300 },
    );
  }, 20_000);
});

describe('a gap that cannot be filled', () => {
  it('T7 is given up when the store does not answer: events go on, late finds come too late', async () => {
    const wire = new Wire();
    const log = new Log();
    const clock = new SimulatedClock();
    const there = receiver(wire, { store: log, clock });
    await log.append([recordFrom('other', 2)]);
    log.holdsReads = true;
    wire.inject([recordFrom('other', 1), recordFrom('other', 3)]);
    await clock.advance(9999);
    expect(there.handled).toEqual([1]);
    await clock.advance(1);
    await there.bus.idle();
    wire.inject([recordFrom('other', 4), recordFrom('other', 6)]);
    expect(there.handled).toEqual([1, 3, 4, 6]);
    expect(there.gaps).toEqual([
      [2, 2, 0],
      [5, 5, 0],
    ]);
    log.release();
    await new Promise((resolve) => setTimeout(resolve));
    expect(there.handled).toEqual([1, 3, 4, 6]);
    expect(clock.pending).toBe(0);
    await log.append([recordFrom('other', 7)]);
    wire.inject([recordFrom('other', 8)]);
    await there.bus.idle();
    expect(there.handled).toEqual([1, 3, 4, 6, 7, 8]);
  });

  it('T7 is given up when ten thousand events wait behind it', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    log.holdsReads = true;
    wire.inject([recordFrom('other', 1)]);
    for (let from = 3; from < 12_003; from += 1000) {
      wire.inject(Array.from({ length: 1000 }, (_, i) => recordFrom('other', from + i)));
    }
    expect(there.handled).toHaveLength(12_001);
    expect(there.gaps).toEqual([[2, 2, 0]]);
    await there.bus.idle();
    log.release();
  }, 20_000);

  it('T7 is reported when the store fails, and so is that', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    log.isBroken = true;
    wire.inject([recordFrom('other', 1), recordFrom('other', 3)]);
    await there.bus.idle();
    expect(there.handled).toEqual([1, 3]);
    expect(there.gaps).toEqual([[2, 2, 0]]);
    expect(there.failures).toMatchObject([{ stage: 'store', error: { operation: 'read' } }]);
  });

  it('T5 leaves records of another version in the store alone', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    await log.append([recordFrom('other', 2, { v: 2 }), recordFrom('other', 3, { id: 7 }), recordFrom('other', 4)]);
    wire.inject([recordFrom('other', 1), recordFrom('other', 5)]);
    await there.bus.idle();
    expect(there.handled).toEqual([1, 4, 5]);
    expect(there.gaps).toEqual([[2, 4, 1]]);
  });

  it('T7 costs one bounded reading when a node claims to have sent 2^53 records', async () => {
    const wire = new Wire();
    const log = new Log();
    const there = receiver(wire, { store: log });
    wire.inject([recordFrom('liar', 1), recordFrom('liar', Number.MAX_SAFE_INTEGER)]);
    await there.bus.idle();
    expect(log.reads).toEqual([{ order: 'desc', limit: 20_000 }]);
    wire.inject([recordFrom('liar', 2), recordFrom('liar', 3), recordFrom('liar', Number.MAX_SAFE_INTEGER)]);
    expect(there.handled).toEqual([1, Number.MAX_SAFE_INTEGER, 2, 3]);
    expect(log.reads).toHaveLength(1);
  });

  it('T7 costs two readings when ten thousand nodes have gaps at once', async () => {
    const wire = new Wire();
    const log = new Log();
    await log.append(oneTo(1000).map((n) => recordFrom('unrelated', n)));
    const there = receiver(wire, { store: log });
    for (let i = 0; i < 10; i++) {
      const nodes = oneTo(1000).map((n) => `node-${i}-${n}`);
      wire.inject(nodes.flatMap((node) => [recordFrom(node, 1), recordFrom(node, 3)]));
    }
    await there.bus.idle();
    expect(there.handled).toHaveLength(20_000);
    expect(there.gaps).toHaveLength(10_000);
    expect(log.reads).toHaveLength(2);
  }, 20_000);

  it('T7 is dropped with the bus: nothing fails or waits when it closes in the middle of a search', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const wire = new Wire();
    const log = new Log();
    const clock = new SimulatedClock();
    const there = receiver(wire, { store: log, clock });
    log.holdsReads = true;
    wire.inject([recordFrom('other', 1), recordFrom('other', 3)]);
    const idle = there.bus.idle();
    await there.bus.close();
    await idle;
    log.isBroken = true;
    log.release();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(there.failures).toEqual([]);
    expect(there.handled).toEqual([1]);
    expect(clock.pending).toBe(0);
  });
});
