import { describe, expect, it } from 'vitest';
import { createEventBus, type Inspection, InvalidOptionError, type Overflow, QueueFullError } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

/** A bus whose handlers of `work` and `work.*` run until the test opens their gate, and what they have begun. */
function working(options: Parameters<typeof createEventBus>[0]) {
  const bus = createEventBus({ onError: () => {}, ...options });
  const begun: unknown[] = [];
  const gates = new Map<unknown, Deferred<void>>();
  bus.on('work.**', ({ data }) => {
    begun.push(data);
    const gate = deferred();
    gates.set(data, gate);
    return gate.promise;
  });
  const finish = async (data: unknown): Promise<void> => {
    gates.get(data)?.resolve();
    await reactions();
  };
  return { bus, begun, finish };
}

describe('queue.concurrency', () => {
  it('Q1 lets that many events be in flight, and the others wait by priority and in order', async () => {
    const { bus, begun, finish } = working({ queue: { concurrency: 2 } });
    for (const data of [1, 2, 3]) bus.emit('work', data);
    bus.emit('work', 'urgent', { priority: 5 });
    bus.emit('work', 4);
    expect(begun).toEqual([1, 2]);
    expect(bus.stats()).toMatchObject({ inFlight: 2, queued: 3 });
    await finish(2);
    expect(begun).toEqual([1, 2, 'urgent']);
    await finish('urgent');
    await finish(1);
    expect(begun).toEqual([1, 2, 'urgent', 3, 4]);
    await finish(3);
    await finish(4);
    await bus.idle();
    expect(bus.stats()).toMatchObject({ inFlight: 0, queued: 0 });
  });

  it('Q1 holds no event up that the one in flight causes: inside its handler, by delivery.emit, or by cause', async () => {
    const bus = createEventBus({ queue: { concurrency: 1 } });
    const calls: string[] = [];
    bus.on('parent', async (event, delivery) => {
      await bus.emit('child', 'inside');
      await delivery.emit('child', 'by delivery');
      await bus.emit('child', 'by cause', { cause: event });
      calls.push('parent');
    });
    bus.on('child', async ({ data }) => {
      await reactions();
      calls.push(String(data));
    });
    bus.on('next', () => calls.push('next'));
    bus.emit('parent');
    bus.emit('next');
    await bus.idle();
    expect(calls).toEqual(['inside', 'by delivery', 'by cause', 'parent', 'next']);
  });

  it('Q1 drops what waits when the bus closes', async () => {
    const { bus, begun, finish } = working({ queue: { concurrency: 1 } });
    const first = bus.emit('work', 1);
    const second = bus.emit('work', 2);
    const closed = bus.close();
    await finish(1);
    await closed;
    expect([(await first).status, (await second).status, begun]).toEqual(['delivered', 'dropped', [1]]);
  });

  it('Q1 is passed one after the other by 100,000 events, without a deep stack and in linear time', async () => {
    const time = async (count: number): Promise<number> => {
      const bus = createEventBus({ queue: { concurrency: 1, maxSize: count } });
      let calls = 0;
      bus.on('sync', () => calls++);
      bus.on('async', async () => calls++);
      const start = performance.now();
      for (let i = 0; i < count; i++) bus.emit(i % 2 === 0 ? 'async' : 'sync');
      await bus.idle();
      expect(calls).toBe(count);
      return performance.now() - start;
    };
    await time(20_000);
    const few = await time(20_000);
    expect(await time(100_000)).toBeLessThan(5 * 4 * Math.max(few, 20));
  });
});

describe('queue.maxSize', () => {
  it('Q1 has emit throw a QueueFullError, before anything is made of the event', async () => {
    const { bus, begun, finish } = working({ queue: { concurrency: 1, maxSize: 2 } });
    const told: string[] = [];
    bus.inspect(({ kind }) => told.push(kind));
    for (const data of [1, 2, 3]) bus.emit('work', data);
    told.length = 0;
    const before = bus.stats();
    expect(() => bus.emit('work', 4)).toThrow(QueueFullError);
    expect([bus.stats(), told]).toEqual([before, []]);
    for (const data of [1, 2, 3]) await finish(data);
    bus.emit('work', 5);
    await reactions();
    expect(begun).toEqual([1, 2, 3, 5]);
  });

  it.each<[Overflow, unknown[], unknown[]]>([
    ['dropNewest', [1, 'high', 2], ['low', 3]],
    ['dropOldest', [1, 'high', 3], [2, 'low']],
  ])('Q1 with %s drops an event, which is counted, inspected and resolved', async (overflow, handled, dropped) => {
    const { bus, begun, finish } = working({ queue: { concurrency: 1, maxSize: 2, overflow } });
    const told: Inspection[] = [];
    bus.inspect((one) => one.kind === 'dropped' && told.push(one));
    const emissions = [
      bus.emit('work', 1),
      bus.emit('work', 2),
      bus.emit('work', 'high', { priority: 1 }),
      bus.emit('work', 'low', { priority: -1 }),
      bus.emit('work', 3),
    ];
    for (const data of handled) await finish(data);
    const results = await Promise.all(emissions);
    expect(begun).toEqual(handled);
    expect(
      results
        .filter(({ status }) => status === 'dropped')
        .map(({ event }) => event.data)
        .sort(),
    ).toEqual([...dropped].sort());
    expect(told).toMatchObject(
      dropped.map((data) => ({ reason: 'queue-full', event: { data }, transport: undefined, error: undefined })),
    );
    expect(bus.stats().discarded).toBe(2);
  });

  it('Q1 counts what a handler emits, which waits for its turn', async () => {
    const bus = createEventBus({ queue: { maxSize: 3 }, onError: () => {} });
    bus.on('a', () => {
      for (let i = 0; i < 4; i++) bus.emit('b');
    });
    let calls = 0;
    bus.on('b', () => calls++);
    const { failures } = await bus.emit('a');
    expect([calls, failures.map(({ error }) => error)]).toEqual([3, [expect.any(QueueFullError)]]);
  });

  it('Q1 of nothing lets events be handled whose turn is now', async () => {
    const { bus, begun, finish } = working({ queue: { concurrency: 1, maxSize: 0 } });
    bus.emit('work', 1);
    expect(() => bus.emit('work', 2)).toThrow(QueueFullError);
    await finish(1);
    bus.emit('work', 3);
    expect(begun).toEqual([1, 3]);
  });

  it('Q1 drops what arrives from another node and finds no room', () => {
    const wire = new Wire();
    const { bus, begun } = working({ transports: [wire.transport()], queue: { concurrency: 1, maxSize: 1 } });
    const told: Inspection[] = [];
    bus.inspect((one) => one.kind === 'dropped' && told.push(one));
    wire.inject([1, 2, 3].map((seq) => recordFrom('other', seq, { type: 'work' })));
    expect([begun, bus.stats().discarded]).toEqual([[1], 1]);
    expect(told).toMatchObject([{ reason: 'queue-full', event: { data: 3 } }]);
  });

  it.each<[string, object]>([
    ['queue.concurrency', { concurrency: 0 }],
    ['queue.concurrency', { concurrency: 1.5 }],
    ['queue.concurrency', { concurrency: Number.NaN }],
    ['queue.maxSize', { maxSize: -1 }],
    ['queue.maxSize', { maxSize: 2 ** 60 }],
    ['queue.maxSize', { maxSize: '10' }],
    ['queue.overflow', { overflow: 'block' }],
    ['queue.maxDepth', { maxDepth: 0 }],
  ])('D10 %s cannot be %o', (option, queue) => {
    expect(() => createEventBus({ queue })).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }));
  });

  it('Q1 refuses nothing for want of room that does not have to wait, as an event in flight caused it', async () => {
    const { bus, begun, finish } = working({ queue: { concurrency: 1, maxSize: 1 } });
    const { event } = bus.emit('work', 1);
    bus.emit('work', 2);
    expect(() => bus.emit('work', 3)).toThrow(QueueFullError);
    bus.emit('work', 'child', { cause: event });
    expect(begun).toEqual([1, 'child']);
    await finish('child');
    await finish(1);
    expect(begun).toEqual([1, 'child', 2]);
  });

  it('Q1 drops the lowest priority, whether it waits for its turn or for one in flight', async () => {
    const { bus } = working({ queue: { concurrency: 1, maxSize: 2, overflow: 'dropOldest' } });
    const { event } = bus.emit('work', 1);
    const waiting = bus.emit('work', 2, { priority: -1 });
    bus.on('other', () => {
      bus.emit('work', 3);
      bus.emit('work', 4);
    });
    bus.emit('other', 0, { cause: event });
    expect((await waiting).status).toBe('dropped');
  });
});

describe('ttlMs', () => {
  it('Q3 expires an event whose turn comes later than that', async () => {
    const clock = new SimulatedClock();
    const { bus, begun, finish } = working({ clock, queue: { concurrency: 1 } });
    bus.emit('work', 1);
    const [late, timely] = [bus.emit('work', 2, { ttlMs: 99 }), bus.emit('work', 3, { ttlMs: 100 })];
    await clock.advance(100);
    await finish(1);
    expect(begun).toEqual([1, 3]);
    expect([await late, bus.stats().expired]).toMatchObject([{ status: 'expired', delivered: 0 }, 1]);
    await finish(3);
    expect((await timely).status).toBe('delivered');
  });

  it('Q3 is asked of whole events by their timestamp, and of no event whose turn is now', async () => {
    const clock = new SimulatedClock();
    const bus = createEventBus({ clock });
    let calls = 0;
    bus.on('a', () => calls++);
    const old = await bus.emit({ type: 'a', data: 1, timestamp: clock.now() - 11, ttlMs: 10 });
    const recent = await bus.emit({ type: 'a', data: 1, timestamp: clock.now() - 10, ttlMs: 10 });
    expect([old.status, recent.status, (await bus.emit('a', 1, { ttlMs: 0 })).status]).toEqual([
      'expired',
      'delivered',
      'delivered',
    ]);
    expect(calls).toBe(2);
  });

  it('Q3 travels with the event', async () => {
    const clock = new SimulatedClock();
    const wire = new Wire();
    const sender = createEventBus({ clock, transports: [wire.transport()] });
    const receiver = createEventBus({ clock, transports: [wire.transport()] });
    let calls = 0;
    receiver.on('a', () => calls++);
    sender.emit('a', 1, { ttlMs: 10 });
    const { event } = sender.emit('a', 2);
    await sender.idle();
    expect([wire.events.map(({ ttlMs }) => ttlMs), calls]).toEqual([[10, undefined], 2]);
    await clock.advance(11);
    wire.inject([{ ...event.toRecord(), id: 'late', node: 'other', seq: 1, ttlMs: 10 }]);
    expect([calls, receiver.stats().expired]).toEqual([2, 1]);
  });

  it('Q3 of Infinity is none, on this node and on others', async () => {
    const wire = new Wire();
    const [here, there] = [wire, wire].map((one) => createEventBus({ transports: [one.transport()] }));
    let calls = 0;
    there?.on('a', () => calls++);
    here?.emit('a', 1, { ttlMs: Number.POSITIVE_INFINITY });
    await here?.idle();
    expect([calls, there?.stats().dropped]).toEqual([1, 0]);
  });

  it.each([-1, Number.NaN, '10'])('D10 cannot be %j', (ttlMs) => {
    const bus = createEventBus();
    expect(() => bus.emit('a', 1, { ttlMs: ttlMs as number })).toThrow(InvalidOptionError);
  });
});
