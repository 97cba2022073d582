import { describe, expect, it } from 'vitest';
import {
  type BatchDelivery,
  type BatchOnOptions,
  type BusEvent,
  definePlugin,
  type EventStore,
  HandlerTimeoutError,
  type Inspection,
  InvalidOptionError,
  QueueFullError,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions } from '../../testing/index.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

type NumberEvent = BusEvent<'a', number>;
interface Events {
  a: number;
  b: number;
  done: number;
}

const upTo3 = { size: 3, maxWaitMs: 100 };

/** The data of the events of every batch that a handler got. */
function batched(options: Partial<BatchOnOptions> = {}, busOptions: TestBusOptions = {}) {
  const bus = createTestEventBus<Events>(busOptions);
  const batches: number[][] = [];
  const off = bus.on('a', (events) => void batches.push(events.map(({ data }) => data)), { batch: upTo3, ...options });
  const emit = (...all: readonly number[]) => all.map((data) => bus.emit('a', data));
  return { bus, clock: bus.clock, batches, off, emit };
}

/** The same, with calls that last until they are told to end. */
function gated(options: Partial<BatchOnOptions> = {}, busOptions: TestBusOptions = {}) {
  const bus = createTestEventBus<Events>(busOptions);
  const batches: number[][] = [];
  const gates: Deferred<void>[] = [];
  const off = bus.on(
    'a',
    (events) => {
      batches.push(events.map(({ data }) => data));
      const gate = deferred();
      gates.push(gate);
      return gate.promise;
    },
    { batch: upTo3, name: 'gated', ...options },
  );
  const emit = (...all: readonly number[]) => all.map((data) => bus.emit('a', data));
  const end = async (): Promise<void> => {
    gates.shift()?.resolve();
    await reactions();
  };
  return { bus, clock: bus.clock, batches, off, emit, end };
}

describe('batches', () => {
  it('Q5 are handled as soon as they are full, in the order of emission', () => {
    const { batches, emit } = batched();
    emit(1, 2);
    expect(batches).toEqual([]);
    emit(3, 4, 5, 6, 7);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('Q5 that are not full are handled when their first event has waited long enough, and leave no timer', async () => {
    const { clock, batches, emit } = batched();
    emit(1);
    await clock.advance(60);
    emit(2);
    await clock.advance(39);
    expect(batches).toEqual([]);
    await clock.advance(1);
    expect(batches).toEqual([[1, 2]]);
    emit(3, 4, 5, 6);
    await clock.advance(100);
    expect(batches.slice(1)).toEqual([[3, 4, 5], [6]]);
    expect(clock.pending).toBe(0);
  });

  it('Q5 with no time to wait hold what was emitted together', async () => {
    const { clock, batches, emit } = batched({ batch: { size: 10, maxWaitMs: 0 } });
    emit(1, 2, 3);
    expect(batches).toEqual([]);
    await clock.advance(0);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('Q5 hold only what passes the filter, of every pattern, and nothing of a paused subscription', async () => {
    const bus = createTestEventBus<Events>();
    const batches: string[][] = [];
    const off = bus.on(['a', 'b'], (events) => void batches.push(events.map(({ type, data }) => `${type}${data}`)), {
      batch: upTo3,
      filter: ({ data }) => data < 10,
    });
    bus.emit('a', 1);
    bus.emit('b', 99);
    bus.emit('b', 2);
    off.pause();
    bus.emit('a', 3);
    off.resume();
    bus.emit('a', 4);
    expect(batches).toEqual([['a1', 'b2', 'a4']]);
  });

  it('D3 hold up lower priorities until they have been handled, and the result of each event', async () => {
    const { bus, clock, emit } = batched({ priority: 1 });
    const low: number[] = [];
    bus.on('a', ({ data }) => void low.push(data));
    const [first] = emit(1, 2);
    let result: unknown;
    void first?.then((is) => {
      result = is;
    });
    await reactions();
    expect([low, result]).toEqual([[], undefined]);
    await clock.advance(100);
    expect(low).toEqual([1, 2]);
    expect(result).toMatchObject({ status: 'delivered', delivered: 2, failures: [] });
  });

  it('D5 that end while another event is offered to its handlers do not interrupt that', async () => {
    const bus = createTestEventBus<Events>();
    const order: string[] = [];
    bus.on('a', (events) => void order.push(`batch ${events.length}`), {
      batch: { size: 2, maxWaitMs: 9 },
      priority: 1,
    });
    bus.on('a', ({ data }) => void order.push(`beside ${data}`), { priority: 1 });
    bus.on('a', ({ data }) => void order.push(`below ${data}`));
    bus.emit('a', 1);
    bus.emit('a', 2);
    await bus.processEvents();
    expect(order).toEqual(['beside 1', 'batch 2', 'beside 2', 'below 2', 'below 1']);
  });

  it('D4 leave out what was cancelled meanwhile, and may cancel their own events', async () => {
    const bus = createTestEventBus<Events>();
    const seen: number[][] = [];
    const low: number[] = [];
    bus.on(
      'a',
      (events) => {
        seen.push(events.map(({ data }) => data));
        events[0]?.cancel('no');
      },
      { batch: upTo3, priority: 1, name: 'batch' },
    );
    bus.on('a', async (event) => event.data === 2 && event.cancel(), { priority: 1 });
    bus.on('a', ({ data }) => void low.push(data));
    const results = [1, 2, 3].map((data) => bus.emit('a', data));
    await bus.clock.advance(100);
    expect(seen).toEqual([[1, 3]]);
    expect(low).toEqual([3]);
    const [one] = await Promise.all(results);
    expect(one).toMatchObject({ status: 'cancelled', cancelledBy: { name: 'batch' } });
  });

  it('D9 that fail are a failure and a dead letter of each of their events', async () => {
    const bus = createTestEventBus<Events>();
    bus.on('a', () => Promise.reject(new Error('down')), { batch: upTo3, name: 'batch' });
    const results = await Promise.all([1, 2, 3].map((data) => bus.emit('a', data)));
    for (const { failures } of results) {
      expect(failures).toMatchObject([{ stage: 'handler', attempts: 1, error: { message: 'down' } }]);
    }
    const letters = await bus.deadLetters.list();
    expect(letters.map(({ event }) => event.data)).toEqual([1, 2, 3]);
    expect(bus.stats()).toMatchObject({ failures: 3, deadLettered: 3, inFlight: 0 });
  });

  it('F1 are tried again as one, without what was cancelled in between, in their place in line', async () => {
    const bus = createTestEventBus<Events>();
    const calls: [readonly number[], number][] = [];
    const events: NumberEvent[] = [];
    bus.on(
      'a',
      (all, { attempt }) => {
        calls.push([all.map(({ data }) => data), attempt]);
        events.push(...all);
        if (attempt < 3 && all[0]?.data === 1) throw new Error('down');
      },
      { batch: upTo3, concurrency: 1, retry: { attempts: 3, delayMs: 100, factor: 1, jitter: 0 } },
    );
    const [first, second] = [1, 2, 3, 4, 5, 6].map((data) => bus.emit('a', data));
    await bus.clock.advance(99);
    expect(calls).toEqual([[[1, 2, 3], 1]]);
    await bus.clock.advance(1);
    events[1]?.cancel();
    await bus.clock.advance(100);
    expect(calls).toEqual([
      [[1, 2, 3], 1],
      [[1, 2, 3], 2],
      [[1, 3], 3],
      [[4, 5, 6], 1],
    ]);
    expect((await first)?.failures).toEqual([]);
    expect((await second)?.failures).toMatchObject([{ attempts: 2, error: { message: 'down' } }]);
    expect(bus.stats()).toMatchObject({ retried: 6, inFlight: 0 });
  });

  it('F1 ask once for all of their events whether to go on, and when', async () => {
    const asked: number[] = [];
    const { bus, emit } = batched({
      retry: { attempts: 5, retryIf: (_, attempt) => asked.push(attempt) < 2 },
      filter: () => true,
    });
    bus.off();
    bus.on('a', () => Promise.reject(new Error('down')), {
      batch: upTo3,
      retry: { attempts: 5, retryIf: (_, attempt) => asked.push(attempt) < 2 },
    });
    emit(1, 2, 3);
    await bus.clock.advance(1_000);
    expect(asked).toEqual([1, 2]);
    expect(await bus.deadLetters.list()).toHaveLength(3);
  });

  it('F2 that take too long fail, and their signal aborts', async () => {
    const bus = createTestEventBus<Events>();
    let delivery: BatchDelivery<Events> | undefined;
    let event: NumberEvent | undefined;
    bus.on(
      'a',
      ([first], given) => {
        delivery = given;
        event = first;
        return new Promise(() => {});
      },
      { batch: upTo3, timeoutMs: 50 },
    );
    const results = [1, 2].map((data) => bus.emit('a', data));
    await bus.clock.advance(149);
    expect(delivery?.signal.aborted).toBe(false);
    await bus.clock.advance(1);
    for (const { failures } of await Promise.all(results))
      expect(failures[0]?.error).toBeInstanceOf(HandlerTimeoutError);
    expect(delivery?.signal.reason).toBeInstanceOf(HandlerTimeoutError);
    expect(delivery?.of(event as NumberEvent).signal).toBe(delivery?.signal);
  });

  it('F3 are one event again when that is retried from the dead letters', async () => {
    const bus = createTestEventBus<Events>();
    const batches: number[][] = [];
    bus.on(
      'a',
      (events) => {
        batches.push(events.map(({ data }) => data));
        if (batches.length === 1) throw new Error('down');
      },
      { batch: upTo3, name: 'batch' },
    );
    for (const data of [1, 2, 3]) bus.emit('a', data);
    const [, second] = await bus.deadLetters.list();
    const retried = bus.deadLetters.retry(second?.id as string);
    await bus.clock.advance(100);
    await retried;
    expect(batches).toEqual([[1, 2, 3], [2]]);
    expect(await bus.deadLetters.list()).toHaveLength(2);
  });
});

describe('how many batches', () => {
  it('Q5 may be under way at a time is said by concurrency; those that wait grow', async () => {
    const { batches, emit, end, clock } = gated({ concurrency: 1 });
    emit(1, 2, 3, 4);
    await clock.advance(100);
    emit(5);
    expect(batches).toEqual([[1, 2, 3]]);
    await end();
    expect(batches.slice(1)).toEqual([[4, 5]]);
    emit(6, 7, 8, 9, 10, 11, 12);
    await end();
    expect(batches.slice(2)).toEqual([[6, 7, 8]]);
    await end();
    expect(batches.slice(3)).toEqual([[9, 10, 11]]);
    await end();
    expect(batches).toHaveLength(4);
    await clock.advance(100);
    expect(batches.slice(4)).toEqual([[12]]);
  });

  it('Q5 is not limited by itself', () => {
    const { batches, emit } = gated();
    emit(1, 2, 3, 4, 5, 6);
    expect(batches).toHaveLength(2);
  });

  it.each(['reject', 'dropOldest', 'dropNewest'] as const)(
    'Q2 may wait is limited by maxQueue beyond the batch that is filled: %s',
    async (overflow) => {
      const { bus, batches, emit, end } = gated({ concurrency: 1, maxQueue: 1, overflow });
      emit(1, 2, 3);
      const results = emit(4, 5, 6, 7, 8);
      for (let i = 0; i < 3; i++) await end();
      await bus.clock.advance(100);
      await end();
      const kept = overflow === 'dropOldest' ? [[5, 6, 7], [8]] : [[4, 5, 6], [7]];
      expect(batches.slice(1)).toEqual(kept);
      const lost = await results[overflow === 'dropOldest' ? 0 : 4];
      expect(lost?.delivered).toBe(0);
      if (overflow === 'reject') expect(lost?.failures[0]?.error).toBeInstanceOf(QueueFullError);
      else expect(bus.stats().discarded).toBe(1);
    },
  );
});

describe('the end of a subscription to batches', () => {
  it('D6 has nothing called any more, as if the events had come later', async () => {
    const { bus, clock, batches, off, emit } = batched();
    const results = emit(1, 2);
    off();
    await clock.advance(1_000);
    expect(batches).toEqual([]);
    for (const { delivered, status } of await Promise.all(results))
      expect([status, delivered]).toEqual(['delivered', 0]);
    expect([clock.pending, bus.stats().inFlight]).toEqual([0, 0]);
  });

  it('D6 by a signal does the same, and so does an end while they wait to be tried again', async () => {
    const controller = new AbortController();
    const { bus, clock, batches, emit } = batched({ signal: controller.signal });
    emit(1, 2);
    controller.abort();
    const off = bus.on('b', () => Promise.reject(new Error('down')), { batch: upTo3, retry: { attempts: 2 } });
    for (const data of [1, 2, 3]) bus.emit('b', data);
    await reactions();
    off();
    await bus.idle();
    expect([batches, clock.pending]).toEqual([[], 0]);
    expect(await bus.deadLetters.list()).toHaveLength(3);
  });

  it('Q5 with drain has all of them handled first, whatever their number', async () => {
    const { off, batches, emit, end } = gated({ concurrency: 1 });
    emit(1, 2, 3, 4, 5, 6, 7);
    let drained = false;
    void off.drain().then(() => {
      drained = true;
    });
    await end();
    await end();
    expect([batches.length, drained]).toEqual([3, false]);
    await end();
    expect([batches.at(-1), drained]).toEqual([[7], true]);
  });

  it('Q5 with drain handles at once what waits for more', async () => {
    const { off, clock, batches, emit } = batched();
    emit(1, 2);
    await off.drain();
    expect([batches, clock.pending]).toEqual([[[1, 2]], 0]);
  });

  it('Q5 by the close of the bus has those handled first that wait for more, which may still emit', async () => {
    const { bus, batches, emit } = batched();
    const done: number[] = [];
    bus.on('b', (events, delivery) => void delivery.emit('done', events.length), { batch: upTo3 });
    bus.on('done', ({ data }) => void done.push(data));
    const [first] = emit(1);
    bus.emit('b', 1);
    bus.emit('b', 2);
    await bus.close();
    expect([batches, done]).toEqual([[[1]], [2]]);
    expect((await first)?.delivered).toBe(1);
  });

  it('G1 by the end of a plugin does that, too', async () => {
    const bus = createTestEventBus<Events>();
    const seen: number[][] = [];
    const done: string[] = [];
    bus.on('done', ({ source }) => void done.push(source));
    const plugin = definePlugin<Events>({
      name: 'counter',
      setup(scope) {
        scope.on(
          'a',
          (events, delivery) => {
            seen.push(events.map(({ data }) => data));
            delivery.of(events[0] as NumberEvent).emit('done', 1);
            delivery.emit('done', 2);
          },
          { batch: upTo3 },
        );
      },
    });
    const { uninstall } = await bus.install(plugin);
    for (const data of [1, 2]) bus.emit('a', data);
    await uninstall();
    expect([seen, done]).toEqual([[[1, 2]], ['counter', 'counter']]);
    expect(bus.clock.pending).toBe(0);
  });

  it('G1 passes on what waits to the plugin that replaces the one that has it, with or without batches', async () => {
    const bus = createTestEventBus<Events>();
    const seen: string[] = [];
    const batches = (version: string) =>
      definePlugin<Events>({
        ...{ name: 'counter', version },
        setup(scope) {
          scope.on('a', (events) => void seen.push(`${version}: ${events.map(({ data }) => data)}`), {
            ...{ batch: upTo3, name: 'count' },
          });
        },
      });
    const single = definePlugin<Events>({
      ...{ name: 'counter', version: '3' },
      setup: (scope) =>
        void scope.on('a', ({ data }) => void seen.push(`3: ${data}`), { name: 'count', concurrency: 1 }),
    });
    await bus.install(batches('1'));
    for (const data of [1, 2]) bus.emit('a', data);
    await bus.replace(batches('2'));
    expect(seen).toEqual([]);
    bus.emit('a', 3);
    expect(seen).toEqual(['2: 1,2,3']);
    bus.emit('a', 4);
    await bus.replace(single);
    expect(seen).toEqual(['2: 1,2,3', '3: 4']);
    await bus.close();
    expect(bus.clock.pending).toBe(0);
  });

  it('G1 handles them still with the old plugin where the new one has no such handler', async () => {
    const bus = createTestEventBus<Events>();
    const seen: number[][] = [];
    const setup = (scope: { on: (typeof bus)['on'] }): void => {
      scope.on('a', (events) => void seen.push(events.map(({ data }) => data)), { batch: upTo3 });
    };
    await bus.install(definePlugin<Events>({ name: 'counter', setup }));
    bus.emit('a', 1);
    await bus.replace(definePlugin<Events>({ name: 'counter', setup() {} }));
    expect(seen).toEqual([[1]]);
  });
});

describe('the delivery of a batch', () => {
  it('E3 emits with the last event as the cause, or with the one that is named', () => {
    const bus = createTestEventBus<Events>();
    bus.on(
      'a',
      (events, delivery) => {
        delivery.emit('done', 0);
        delivery.of(events[0] as NumberEvent).emit('done', 1);
      },
      { batch: upTo3 },
    );
    const [first, , last] = [1, 2, 3].map((data) => bus.emit('a', data));
    expect(bus.emittedOf('done').map(({ data, causationId }) => [data, causationId])).toEqual([
      [0, last?.event.id],
      [1, first?.event.id],
    ]);
  });

  it('Q5 knows the events of its batch, and says so of others', () => {
    const bus = createTestEventBus<Events>();
    let error: unknown;
    const { event } = bus.emit('a', 0);
    bus.on(
      'a',
      (_, delivery) => {
        try {
          delivery.of(event);
        } catch (caught) {
          error = caught;
        }
      },
      { batch: { size: 1, maxWaitMs: 1 } },
    );
    bus.emit('a', 1);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(String(error)).toContain('one of the events of this batch');
  });

  it('I1 shows the call of each event, with the time that the batch took', async () => {
    const { bus, emit, end } = gated();
    const seen: Inspection[] = [];
    bus.inspect((inspection) => seen.push(inspection));
    emit(1, 2);
    await bus.clock.advance(100);
    await bus.clock.advance(40);
    await end();
    const settled = seen.filter((one) => one.kind === 'handlerSettled');
    expect(settled.map(({ event, durationMs, handler }) => [event.data, durationMs, handler.name])).toEqual([
      [1, 40, 'gated'],
      [2, 40, 'gated'],
    ]);
  });
});

describe('batches from the store', () => {
  const log = (): EventStore => memoryStore({ shared: true });
  async function emitAll(store: EventStore, ...all: readonly number[]): Promise<void> {
    const writer = createTestEventBus<Events>({ store });
    for (const data of all) await writer.emit('a', data).persisted;
    await writer.close();
  }

  it('S6 are read as far as they have room, one batch at a time, and the cursor moves behind each', async () => {
    const store = log();
    await emitAll(store, 1, 2, 3, 4, 5, 6, 7);
    const { bus, batches, end } = gated({ durable: 'batches', from: 'all' }, { store });
    await bus.clock.advance(0);
    expect(batches).toEqual([[1, 2, 3]]);
    expect(bus.stats().durable[0]).toMatchObject({ offset: 0 });
    await end();
    await bus.clock.advance(0);
    expect(batches.slice(1)).toEqual([[4, 5, 6]]);
    expect(bus.stats().durable[0]?.offset).toBeGreaterThan(0);
    await end();
    await bus.clock.advance(100);
    expect(batches.slice(2)).toEqual([[7]]);
  });

  it('S6 that were not handled when a node ended are handled by the next, with the same keys', async () => {
    const store = log();
    await emitAll(store, 1, 2, 3);
    const keys: (string | undefined)[][] = [];
    for (let i = 0; i < 2; i++) {
      const bus = createTestEventBus<Events>({ store });
      bus.on(
        'a',
        (events, delivery) => {
          keys.push(events.map((event) => delivery.of(event).key));
          return i === 0 ? new Promise(() => {}) : undefined;
        },
        { batch: upTo3, group: 'batches', from: 'all' },
      );
      await bus.clock.advance(0);
      const closed = bus.close({ timeoutMs: 10 });
      await bus.clock.advance(10);
      await closed;
    }
    expect(keys[0]).toHaveLength(3);
    expect(new Set(keys[0]).size).toBe(3);
    expect(keys[1]).toEqual(keys[0]);
  });

  it('S6 that wait for more when the subscription ends stay in the store', async () => {
    const store = log();
    await emitAll(store, 1, 2);
    const first = batched({ durable: 'batches', from: 'all' }, { store });
    await first.clock.advance(0);
    first.off();
    await first.bus.close();
    expect(first.batches).toEqual([]);
    const second = batched({ durable: 'batches' }, { store });
    await second.clock.advance(100);
    expect(second.batches).toEqual([[1, 2]]);
  });
});

describe('mistakes', () => {
  it.each([
    ['batch', { batch: 3 }],
    ['batch.size', { batch: { size: 0, maxWaitMs: 1 } }],
    ['batch.size', { batch: { size: 1.5, maxWaitMs: 1 } }],
    ['batch.size', { batch: { size: Number.POSITIVE_INFINITY, maxWaitMs: 1 } }],
    ['batch.size', { batch: { maxWaitMs: 1 } }],
    ['batch.maxWaitMs', { batch: { size: 1 } }],
    ['batch.maxWaitMs', { batch: { size: 1, maxWaitMs: -1 } }],
    ['batch.maxWaitMs', { batch: { size: 1, maxWaitMs: Number.NaN } }],
    ['batch.maxWaitMs', { batch: { size: 1, maxWaitMs: Number.POSITIVE_INFINITY } }],
    ['once', { batch: upTo3, once: true }],
  ])('Q5 D10 are told when it is subscribed: %s', (option, options) => {
    const bus = createTestEventBus<Events>();
    let error: unknown;
    try {
      bus.on('a', () => {}, options as BatchOnOptions);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ option });
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('Q5 D10 are told of a responder, which answers one request at a time', () => {
    const bus = createTestEventBus<Events>();
    expect(() => bus.respond('a', () => undefined as never, { batch: upTo3 } as never)).toThrow(InvalidOptionError);
  });

  it('Q5 lose none of 20,500 events and keep their order', async () => {
    const { bus, clock, batches } = batched({ batch: { size: 1_000, maxWaitMs: 10 } });
    for (let i = 0; i < 20_500; i++) bus.emit('a', i);
    await clock.advance(10);
    expect(batches.map(({ length }) => length)).toEqual([...Array(20).fill(1_000), 500]);
    expect(batches.flat().every((data, i) => data === i)).toBe(true);
  });
});
