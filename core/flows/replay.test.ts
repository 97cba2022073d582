import { describe, expect, it } from 'vitest';
import { Wire } from '../bus/border/wire.test.fixture.js';
import { deferred } from '../bus/deferred.test.kit.js';
import {
  BusClosedError,
  type BusEvent,
  createEventBus,
  type EventStore,
  InvalidOptionError,
  InvalidPatternError,
  StoreError,
} from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus, type TestBusOptions, type TestEventBus } from '../testing/index.js';
import { type ReplayOptions, type ReplayProgress, replay } from './replay.js';

/** A bus whose store has an event `order.placed` of each number, so many milliseconds after its start. */
async function recorded(times: readonly number[], options: TestBusOptions = {}): Promise<TestEventBus> {
  const bus = createTestEventBus({ store: memoryStore(), ...options });
  const start = bus.clock.now();
  for (const ms of times) await bus.emit({ type: 'order.placed', data: ms, timestamp: start + ms }).persisted;
  return bus;
}

/** Notes the data of what is replayed, and when, in ms since now. */
function collect(bus: TestEventBus, pattern = '**', options: { name?: string; priority?: number } = {}) {
  const data: unknown[] = [];
  const at: number[] = [];
  const start = bus.clock.precise();
  bus.on(
    pattern,
    (event) => {
      if (event.metadata['replayed'] !== true) return;
      data.push(event.data);
      at.push(bus.clock.precise() - start);
    },
    options,
  );
  return { data, at };
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i + 1);

async function stored(store: EventStore): Promise<number> {
  let count = 0;
  for await (const _ of store.read()) count++;
  return count;
}

describe('a replay', () => {
  it('S8 gives stored events to handlers again, in order, and says how it went', async () => {
    const bus = await recorded([1, 2, 3]);
    const { data } = collect(bus);
    const progress: ReplayProgress[] = [];
    const result = await replay(bus, { onProgress: (now) => progress.push(now) });
    expect(data).toEqual([1, 2, 3]);
    expect(result).toEqual({
      replayed: 3,
      skipped: 0,
      delivered: 3,
      failed: 0,
      cancelled: 0,
      dropped: 0,
      offset: 3,
      timestamp: bus.clock.now() + 3,
      newest: 3,
    });
    expect(progress.map(({ replayed, offset }) => [replayed, offset])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(progress.at(-1)).toEqual(result);
    expect(Object.isFrozen(result)).toBe(true);
  });

  it('S8 leaves nothing behind', async () => {
    const bus = await recorded([1]);
    const { signal } = new AbortController();
    await replay(bus, { signal, speed: 'recorded' });
    await bus.processEvents();
    expect(bus.subscriptions()).toEqual([]);
    expect(bus.clock.pending).toBe(0);
  });

  it('S8 has nothing to do where no event matches', async () => {
    const bus = await recorded([1]);
    const nothing = { replayed: 0, delivered: 0, offset: undefined, timestamp: undefined, newest: undefined };
    expect(await replay(bus, { pattern: 'cart.*' })).toMatchObject(nothing);
    expect(await replay(createTestEventBus({ store: memoryStore() }))).toMatchObject(nothing);
  });

  it('S4, S8 reads what its query asks for', async () => {
    const bus = createTestEventBus({ store: memoryStore() });
    const start = bus.clock.now();
    const all = [
      { type: 'a.b', source: 'web', correlationId: 'c1' },
      { type: 'a.c', source: 'web', correlationId: 'c2' },
      { type: 'b', source: 'api', correlationId: 'c1' },
      { type: 'a.b', source: 'api', correlationId: 'c2' },
    ];
    for (const [i, fields] of all.entries())
      await bus.emit({ ...fields, data: i + 1, timestamp: start + i + 1 }).persisted;
    const { data } = collect(bus);
    const replayed = async (options: Parameters<typeof replay>[1]): Promise<unknown[]> => {
      await replay(bus, options);
      return data.splice(0);
    };
    expect(await replayed({ pattern: 'a.*' })).toEqual([1, 2, 4]);
    expect(await replayed({ pattern: ['b', 'a.c'] })).toEqual([2, 3]);
    expect(await replayed({ source: 'api' })).toEqual([3, 4]);
    expect(await replayed({ correlationId: 'c2' })).toEqual([2, 4]);
    expect(await replayed({ since: start + 2, until: start + 3 })).toEqual([2, 3]);
    expect(await replayed({ after: 1, before: 4 })).toEqual([2, 3]);
    expect(await replayed({ limit: 2 })).toEqual([1, 2]);
    expect(await replayed({ order: 'desc', limit: 3 })).toEqual([4, 3, 2]);
    expect(await replayed({ limit: 0 })).toEqual([]);
  });

  it('S8 passes by what its filter refuses', async () => {
    const bus = await recorded(range(6));
    const { data } = collect(bus);
    const offsets: unknown[] = [];
    const result = await replay(bus, {
      filter: (event) => (event.data as number) % 3 === 0,
      onProgress: ({ offset }) => offsets.push(offset),
    });
    expect(data).toEqual([3, 6]);
    expect(result).toMatchObject({ replayed: 2, skipped: 4, offset: 6 });
    expect(offsets).toEqual(range(6));
    const promising = { filter: async () => Promise.reject(new Error('late')) } as unknown as ReplayOptions;
    await expect(replay(bus, promising)).rejects.toThrow(InvalidOptionError);
  });

  it('S8 calls those it names alone, and durable ones only so', async () => {
    const bus = await recorded([1, 2]);
    const plain = collect(bus);
    const named = collect(bus, 'order.*', { name: 'analytics' });
    const durable: unknown[] = [];
    bus.on('order.*', (event) => durable.push([event.data, event.metadata['replayed']]), { durable: 'mailer' });
    await bus.idle();
    expect(await replay(bus)).toMatchObject({ replayed: 2, delivered: 4 });
    expect([plain.data, named.data, durable]).toEqual([[1, 2], [1, 2], []]);
    expect(await replay(bus, { to: ['analytics'] })).toMatchObject({ replayed: 2, delivered: 2 });
    expect([plain.data.length, named.data.length, durable.length]).toEqual([2, 4, 0]);
    expect(await replay(bus, { to: ['mailer'] })).toMatchObject({ replayed: 2, delivered: 2 });
    expect(durable).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(await replay(bus, { to: ['analitics'] })).toMatchObject({ replayed: 2, delivered: 0 });
  });

  it('S8 meets neither middleware nor schemas', async () => {
    const bus = await recorded([1]);
    const { data } = collect(bus);
    bus.use(() => {});
    expect(await replay(bus)).toMatchObject({ replayed: 1, delivered: 1 });
    expect(data).toEqual([1]);
  });

  it('S8 ends with the newest event of its start, whatever handlers emit', async () => {
    const store = memoryStore();
    const bus = await recorded([1, 2], { store });
    let calls = 0;
    bus.on('order.*', async (event, { emit }) => {
      calls++;
      if (event.metadata['replayed'] === true) await emit('order.placed', 'again').persisted;
    });
    expect(await replay(bus)).toMatchObject({ replayed: 2, newest: 2 });
    expect(calls).toBe(4);
    expect(await stored(store)).toBe(4);
  });

  it('S8 counts what failed and goes on', async () => {
    const bus = await recorded([1, 2, 3]);
    bus.on('order.*', ({ data }) => {
      if (data === 2) throw new Error('no');
    });
    const { data } = collect(bus);
    expect(await replay(bus)).toMatchObject({ replayed: 3, failed: 1, delivered: 6 });
    expect(data).toEqual([1, 2, 3]);
    expect(bus.getErrorCount()).toBe(1);
    expect(await bus.deadLetters.list()).toHaveLength(1);
  });

  it('D1, D4, S8 keeps priorities, and cancels', async () => {
    const bus = await recorded([1, 2]);
    const low = collect(bus, '**', { priority: -1 });
    bus.on('order.*', async (event) => {
      await undefined;
      if (event.data === 1) event.cancel('no');
    });
    expect(await replay(bus)).toMatchObject({ replayed: 2, cancelled: 1, delivered: 3 });
    expect(low.data).toEqual([2]);
  });

  it('S8 is neither stored nor sent, unless that is asked for', async () => {
    const wire = new Wire();
    const store = memoryStore();
    const bus = createEventBus({ store, transports: [wire.transport()] });
    await bus.emit('order.placed', 1, { local: true }).persisted;
    const other = createEventBus({ transports: [wire.transport()] });
    const seen: unknown[] = [];
    other.on('**', (event) => seen.push([event.data, event.metadata['replayed']]));
    await replay(bus);
    await bus.idle();
    expect([await stored(store), wire.events.length]).toEqual([1, 0]);
    await replay(bus, { store: true });
    await bus.idle();
    // It has waited for the commit: the next one replays that, too.
    expect([await stored(store), wire.events.length]).toEqual([2, 0]);
    expect(await replay(bus, { send: true })).toMatchObject({ replayed: 2 });
    await bus.idle();
    expect(await stored(store)).toBe(2);
    await expect
      .poll(() => seen)
      .toEqual([
        [1, true],
        [1, true],
      ]);
    await bus.close();
    await other.close();
  });

  it('S8 does not begin the next event before the one before it has settled and is stored', async () => {
    const store = memoryStore();
    const bus = await recorded([1, 2], { store });
    const commit = deferred<void>();
    const append = store.append.bind(store);
    store.append = async (...records) => {
      await commit.promise;
      return append(...records);
    };
    const handled = deferred<void>();
    const { data } = collect(bus);
    bus.on('order.*', () => handled.promise);
    const result = replay(bus, { store: true });
    await bus.processEvents();
    expect(data).toEqual([1]);
    handled.resolve();
    await bus.processEvents();
    expect(data).toEqual([1]);
    commit.resolve();
    expect(await result).toMatchObject({ replayed: 2 });
    expect(data).toEqual([1, 2]);
  });

  it('S8 rejects when what it is to store is not stored', async () => {
    const store = memoryStore();
    const bus = await recorded([1, 2], { store });
    store.append = () => Promise.reject(new StoreError('memory', 'append', 'Mend the test'));
    const { data } = collect(bus);
    await expect(replay(bus, { store: true })).rejects.toThrow(StoreError);
    expect(data).toEqual([1]);
  });

  it('S8 has as many events under way as it may, and says where all is done', async () => {
    const bus = await recorded(range(5));
    const handled = range(5).map(() => deferred<void>());
    const begun: number[] = [];
    bus.on('order.*', ({ data }) => {
      begun.push(data as number);
      return handled[(data as number) - 1]?.promise;
    });
    const progress: unknown[] = [];
    const result = replay(bus, {
      concurrency: 2,
      onProgress: ({ replayed, offset }) => progress.push([replayed, offset]),
    });
    await bus.processEvents();
    expect(begun).toEqual([1, 2]);
    handled[1]?.resolve();
    await bus.processEvents();
    expect(begun).toEqual([1, 2, 3]);
    handled[2]?.resolve();
    await bus.processEvents();
    handled[0]?.resolve();
    await bus.processEvents();
    // 2 and 3 are done, but 1 was not: whoever goes on goes on with it.
    expect(progress).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 3],
    ]);
    expect(begun).toEqual(range(5));
    for (const { resolve } of handled) resolve();
    expect(await result).toMatchObject({ replayed: 5, offset: 5 });
  });

  it('Q1, S8 waits where the bus has no room, and counts what the bus drops', async () => {
    const bus = await recorded([1, 2], { queue: { concurrency: 1, maxSize: 0 } });
    const handled = deferred<void>();
    bus.on('busy', () => handled.promise);
    const { data } = collect(bus);
    bus.emit('busy');
    const result = replay(bus);
    await bus.clock.advance(1_000);
    expect(data).toEqual([]);
    handled.resolve();
    await bus.clock.advance(1_000);
    expect(await result).toMatchObject({ replayed: 2, delivered: 2, dropped: 0 });
    expect(data).toEqual([1, 2]);
    const dropping = await recorded([1], { queue: { concurrency: 1, maxSize: 0, overflow: 'dropNewest' } });
    dropping.on('busy', () => new Promise(() => {}));
    dropping.emit('busy');
    expect(await replay(dropping)).toMatchObject({ replayed: 1, delivered: 0, dropped: 1 });
  });

  it('S8 replays ten thousand events with no more in memory than is under way', async () => {
    const store = memoryStore();
    // Not a test bus, which keeps what is emitted.
    const bus = createEventBus({ store });
    await store.append(
      range(10_000).map((n) => ({
        v: 1,
        id: `${n}`,
        type: 'tick',
        timestamp: n,
        source: 'test',
        correlationId: `${n}`,
        data: n,
        metadata: {},
        priority: 0,
      })),
    );
    let read = 0;
    let handled = 0;
    let most = 0;
    const plain = store.read.bind(store);
    store.read = async function* (query) {
      for await (const one of plain(query)) {
        if (query?.order !== 'desc') most = Math.max(most, ++read - handled);
        yield one;
      }
    };
    const waiting: (() => void)[] = [];
    bus.on('tick', async () => {
      await new Promise<void>((resolve) => {
        if (waiting.push(resolve) === 10) for (const go of waiting.splice(0)) go();
      });
      handled++;
    });
    expect(await replay(bus, { concurrency: 10 })).toMatchObject({ replayed: 10_000, offset: 10_000 });
    expect(read).toBe(10_000);
    expect(most).toBe(10);
  }, 30_000);

  it('S8 goes on when events are trimmed before their turn', async () => {
    const bus = await recorded([1, 2, 3], { store: memoryStore({ maxEvents: 3 }) });
    const { data } = collect(bus);
    bus.once('order.*', async (event) => {
      if (event.data === 1) await bus.emit('cart.changed').persisted;
      await bus.emit('cart.changed').persisted;
    });
    expect(await replay(bus)).toMatchObject({ replayed: 2, newest: 3 });
    expect(data).toEqual([1, 3]);
  });

  it('D10, S8 rejects what cannot be used', async () => {
    const bus = await recorded([1]);
    const wrong: ReplayOptions[] = [
      { concurrency: 0 },
      { concurrency: 1.5 },
      { speed: 'fast' as never },
      { speed: { delayMs: -1 } },
      { speed: { delayMs: Number.NaN } },
      { speed: { factor: 0 } },
      { speed: { factor: Number.NaN } },
      { speed: { factor: 1, maxDelayMs: -1 } },
      { to: 'analytics' as never },
    ];
    for (const options of wrong) await expect(replay(bus, options)).rejects.toThrow(InvalidOptionError);
    await expect(replay(bus, { pattern: 'a..b' })).rejects.toThrow(InvalidPatternError);
    await expect(replay(createTestEventBus())).rejects.toThrow(InvalidOptionError);
    await bus.processEvents();
    expect(bus.subscriptions()).toEqual([]);
  });

  it('S8 rejects with what its filter or its progress throws', async () => {
    const bus = await recorded([1, 2]);
    const { data } = collect(bus);
    const fail = (): never => {
      throw new Error('mine');
    };
    await expect(replay(bus, { filter: fail })).rejects.toThrow('mine');
    expect(data).toEqual([]);
    await expect(replay(bus, { onProgress: fail })).rejects.toThrow('mine');
    expect(data).toEqual([1]);
  });
});

describe('the end of a replay before its time', () => {
  it('S8 comes with its signal, in the middle of a pause', async () => {
    const bus = await recorded([0, 1_000]);
    const { data } = collect(bus);
    const { signal, abort } = controlled();
    const result = replay(bus, { speed: 'recorded', signal });
    const rejected = expect(result).rejects.toThrow('enough');
    await bus.clock.advance(500);
    expect(bus.clock.pending).toBe(1);
    abort();
    await rejected;
    await bus.clock.advance(0);
    expect([data, bus.clock.pending, bus.stats().subscriptions]).toEqual([[0], 0, 1]);
    await expect(replay(bus, { signal })).rejects.toThrow('enough');
    expect(data).toEqual([0]);
  });

  it('S8 comes with its signal, while a handler goes on', async () => {
    const bus = await recorded([1, 2]);
    const handled = deferred<void>();
    let calls = 0;
    bus.on('order.*', () => {
      calls++;
      return handled.promise;
    });
    const { signal, abort } = controlled();
    const progress: unknown[] = [];
    const rejected = expect(replay(bus, { signal, onProgress: (now) => progress.push(now) })).rejects.toThrow('enough');
    await bus.processEvents();
    abort();
    await rejected;
    handled.resolve();
    await bus.processEvents();
    expect([calls, progress]).toEqual([1, []]);
  });

  it('S8 comes with its signal, which its own functions may abort', async () => {
    const bus = await recorded([0, 1_000]);
    const { data } = collect(bus);
    const filter = controlled();
    const refused = { signal: filter.signal, filter: () => filter.abort() === undefined };
    await expect(replay(bus, refused)).rejects.toThrow('enough');
    expect(data).toEqual([]);
    const progress = controlled();
    const stopped = { signal: progress.signal, onProgress: progress.abort, speed: 'recorded' } as const;
    await expect(replay(bus, stopped)).rejects.toThrow('enough');
    expect([data, bus.clock.pending]).toEqual([[0], 0]);
    // Before a pause, which is then not begun.
    const later = controlled();
    const second = ({ data }: BusEvent): boolean => data === 0 || later.abort() === undefined;
    const paused = { signal: later.signal, filter: second, speed: 'recorded' } as const;
    await expect(replay(bus, paused)).rejects.toThrow('enough');
    expect([data, bus.clock.pending]).toEqual([[0, 0], 0]);
  });

  it('S8 comes with its signal, though nothing ever waits', async () => {
    const bus = createEventBus({ store: memoryStore() });
    for (const n of range(500)) bus.emit('tick', n);
    await bus.idle();
    bus.on('tick', () => {
      for (const until = performance.now() + 0.5; performance.now() < until; );
    });
    const { signal, abort } = controlled();
    setTimeout(abort, 0);
    let reached = 0;
    const onProgress = ({ replayed }: ReplayProgress): void => {
      reached = replayed;
    };
    await expect(replay(bus, { signal, onProgress })).rejects.toThrow('enough');
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThan(500);
    await bus.close();
  });

  it('G8, S8 comes with that of its bus, which leaves no timer', async () => {
    const bus = await recorded([0, 1_000]);
    const rejected = expect(replay(bus, { speed: 'recorded' })).rejects.toThrow(BusClosedError);
    await bus.clock.advance(500);
    // Whoever removes all subscriptions does not make it deaf.
    bus.off();
    await bus.processEvents();
    await bus.close();
    await rejected;
    expect(bus.clock.pending).toBe(0);
    await expect(replay(bus)).rejects.toThrow(new BusClosedError('replay').message);
  });

  it('G8, S8 comes with that of its bus, inside a handler', async () => {
    const bus = await recorded([1, 2]);
    const { data } = collect(bus);
    bus.on('order.*', () => void bus.close());
    await expect(replay(bus)).rejects.toThrow(BusClosedError);
    expect(data).toEqual([1]);
  });
});

describe('the speed of a replay', () => {
  /** When events were replayed, after `ms` of a replay of events of these times. */
  async function pacedAt(times: readonly number[], ms: number, options: ReplayOptions): Promise<number[]> {
    const bus = await recorded(times);
    const { at } = collect(bus);
    const result = replay(bus, options);
    await bus.clock.advance(ms);
    expect(await result).toMatchObject({ replayed: times.length });
    return at;
  }

  it('S8 is that of the events, never negative, and may be a multiple of it', async () => {
    const times = [0, 100, 50, 1_050, 1_050];
    expect(await pacedAt(times, 5_000, { speed: 'recorded' })).toEqual([0, 100, 100, 1_100, 1_100]);
    expect(await pacedAt(times, 5_000, { speed: { factor: 2 } })).toEqual([0, 50, 50, 550, 550]);
    expect(await pacedAt(times, 50_000, { speed: { factor: 0.5 } })).toEqual([0, 200, 200, 2_200, 2_200]);
    expect(await pacedAt(times, 5_000, { speed: { factor: 1, maxDelayMs: 300 } })).toEqual([0, 100, 100, 400, 400]);
    expect(await pacedAt([0, 100, 400], 5_000, { speed: 'recorded', order: 'desc' })).toEqual([0, 300, 400]);
    const month = 30 * 24 * 3_600_000;
    expect(await pacedAt([0, month], month, { speed: 'recorded' })).toEqual([0, month]);
  });

  it('S8 is as soon as may be by default, or with at least so much between events', async () => {
    expect(await pacedAt([0, 100, 5_000], 0, {})).toEqual([0, 0, 0]);
    expect(await pacedAt([0, 100, 5_000], 0, { speed: 'asap' })).toEqual([0, 0, 0]);
    expect(await pacedAt([0, 100, 5_000], 500, { speed: { delayMs: 250 } })).toEqual([0, 250, 500]);
  });

  it('S8 makes up for handlers that take longer, and keeps a fixed distance from them', async () => {
    for (const [speed, expected] of [
      ['recorded', [0, 150, 200, 300]],
      [{ delayMs: 100 }, [0, 150, 250, 350]],
    ] as const) {
      const bus = await recorded([0, 100, 200, 300]);
      const { at } = collect(bus);
      bus.once('order.*', () => new Promise<void>((resolve) => void bus.clock.setTimeout(resolve, 150)));
      const result = replay(bus, { speed });
      await bus.clock.advance(1_000);
      await result;
      expect(at).toEqual(expected);
    }
  });
});

function controlled(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error('enough')) };
}
