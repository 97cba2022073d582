import { describe, expect, it } from 'vitest';
import { type BatchOnOptions, definePlugin, InvalidOptionError, type Subscription } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

interface Events {
  a: number;
  done: number;
}

const upTo3 = { size: 3, maxWaitMs: 100 };
const twice = { attempts: 2, delayMs: 100, jitter: 0 };

describe('a batch that is tried again', () => {
  it.each(['bus', 'scope'] as const)(
    'Q5 E3 emits with the last of the events it still has as the cause, on a %s',
    async (where) => {
      const bus = createTestEventBus<Events>();
      const seen: number[][] = [];
      (where === 'bus' ? bus : bus.scope({ source: 'shop' })).on(
        'a',
        (events, { emit, attempt }) => {
          seen.push(events.map(({ data }) => data));
          if (attempt === 1) throw new Error('down');
          emit('done', 1);
        },
        { batch: upTo3, retry: twice },
      );
      const [first, second, third] = [1, 2, 3].map((data) => bus.emit('a', data));
      third?.event.cancel();
      await bus.clock.advance(100);
      expect(seen).toEqual([
        [1, 2, 3],
        [1, 2],
      ]);
      expect((await first)?.failures).toEqual([]);
      expect(bus.emittedOf('done').map(({ causationId }) => causationId)).toEqual([second?.event.id]);
    },
  );

  it('D6 is not called when who is told of an event that it leaves out unsubscribes', async () => {
    const seen: number[] = [];
    const off: { now?: Subscription } = {};
    const bus = createTestEventBus<Events>({ onError: () => off.now?.() });
    off.now = bus.on(
      'a',
      (events) => {
        seen.push(events.length);
        throw new Error('down');
      },
      { batch: upTo3, retry: twice },
    );
    const [first, second] = [1, 2, 3].map((data) => bus.emit('a', data));
    first?.event.cancel();
    await bus.clock.advance(100);
    expect(seen).toEqual([3]);
    expect((await second)?.failures).toMatchObject([{ attempts: 1 }]);
    expect([bus.clock.pending, bus.stats().inFlight]).toEqual([0, 0]);
  });

  it('D6 does not wait for its time when who is told of one that has failed for good unsubscribes', async () => {
    const off: { now?: Subscription } = {};
    const bus = createTestEventBus<Events>({ onError: () => off.now?.() });
    off.now = bus.on(
      'a',
      (events) => {
        events[1]?.cancel();
        throw new Error('down');
      },
      { batch: upTo3, retry: twice },
    );
    const results = [1, 2, 3].map((data) => bus.emit('a', data));
    expect(bus.clock.pending).toBe(0);
    for (const { failures } of await Promise.all(results)) expect(failures).toMatchObject([{ attempts: 1 }]);
  });
});

describe('events that another batch has left behind', () => {
  /** Whose batches, one at a time, are noted with the ms at which they began, and last until they are told to end. */
  function oneAtATime() {
    const bus = createTestEventBus<Events>();
    const begin = bus.clock.now();
    const began: [number, number[]][] = [];
    const gates: Deferred<void>[] = [];
    bus.on(
      'a',
      (events) => {
        began.push([bus.clock.now() - begin, events.map(({ data }) => data)]);
        const gate = deferred();
        gates.push(gate);
        return gate.promise;
      },
      { batch: upTo3, concurrency: 1 },
    );
    const end = async (): Promise<void> => {
      gates.shift()?.resolve();
      await reactions();
    };
    return { bus, began, end };
  }

  it('Q5 wait as long as any others, counted from when they came', async () => {
    const { bus, began, end } = oneAtATime();
    for (const data of [1, 2, 3]) bus.emit('a', data);
    await bus.clock.advance(10);
    bus.emit('a', 4);
    await bus.clock.advance(90);
    for (const data of [5, 6, 7]) bus.emit('a', data);
    await bus.clock.advance(5);
    await end();
    await end();
    await bus.clock.advance(95);
    expect(began.slice(1)).toEqual([
      [105, [4, 5, 6]],
      [200, [7]],
    ]);
  });

  it('Q5 are not late for what was due before them, and leave at once when they are', async () => {
    const { bus, began, end } = oneAtATime();
    for (const data of [1, 2, 3]) bus.emit('a', data);
    for (const data of [4, 5, 6, 7]) bus.emit('a', data);
    await bus.clock.advance(150);
    bus.emit('a', 8);
    await end();
    expect(began.slice(1)).toEqual([[150, [4, 5, 6]]]);
    await end();
    expect(began.slice(2)).toEqual([[150, [7, 8]]]);
    bus.emit('a', 9);
    await end();
    expect(began).toHaveLength(3);
    await bus.clock.advance(100);
    expect(began.slice(3)).toEqual([[250, [9]]]);
  });

  it('Q5 G1 have waited as long when they pass to a plugin that replaces another', async () => {
    const bus = createTestEventBus<Events>();
    const seen: number[][] = [];
    const plugin = definePlugin<Events>({
      name: 'counter',
      setup: (scope) =>
        void scope.on('a', (events) => void seen.push(events.map(({ data }) => data)), { batch: upTo3 }),
    });
    await bus.install(plugin);
    bus.emit('a', 1);
    await bus.clock.advance(60);
    await bus.replace(plugin);
    await bus.clock.advance(39);
    expect(seen).toEqual([]);
    await bus.clock.advance(1);
    expect(seen).toEqual([[1]]);
  });
});

describe('batches from the store', () => {
  it('S6 have in order what a node had still to try again, and what came since', async () => {
    const store = memoryStore({ shared: true });
    const options = { durable: 'batches', from: 'all', retry: { attempts: 3, delayMs: 10_000, jitter: 0 } } as const;
    const crashed = createTestEventBus<Events>({ store });
    crashed.on('a', () => Promise.reject(new Error('down')), { ...options, batch: upTo3 });
    for (const data of [1, 2]) await crashed.emit('a', data).persisted;
    await crashed.clock.advance(200);
    const bus = createTestEventBus<Events>({ store });
    const seen: [number, number[]][] = [];
    await bus.clock.advance(200);
    bus.on('a', (events, { attempt }) => void seen.push([attempt, events.map(({ data }) => data)]), {
      ...{ ...options, batch: upTo3 },
    });
    await bus.clock.advance(100);
    await bus.emit('a', 3).persisted;
    await bus.clock.advance(20_000);
    // Not as one batch: its first events have fewer attempts left.
    expect(seen).toEqual([
      [2, [1, 2]],
      [1, [3]],
    ]);
    expect(await store.cursors?.get('batches')).toMatchObject({ offset: 3, retries: [] });
  });

  it('S6 have room for all that may be under way at a time', async () => {
    const bus = createTestEventBus<Events>({ store: memoryStore() });
    let batches = 0;
    bus.on('a', () => new Promise(() => void batches++), {
      batch: { size: 500, maxWaitMs: 1 },
      ...{ durable: 'batches', concurrency: 22 },
    });
    await bus.clock.advance(1);
    for (let i = 0; i < 22; i++) {
      bus.emit('a', i);
      await bus.clock.advance(2);
    }
    expect(batches).toBe(22);
    for (let i = 0; i < 10_600; i++) bus.emit('a', i);
    await bus.clock.advance(2);
    expect(bus.stats()).toMatchObject({ failures: 0, durable: [{ inFlight: 10_622 }] });
  });
});

describe('a batch that is none', () => {
  it.each([null, false, 0, ''])('Q5 D10 is told of when it is subscribed: %j', (batch) => {
    for (const others of [{}, { concurrency: 1 }]) {
      const bus = createTestEventBus<Events>();
      const options = { ...others, batch } as unknown as BatchOnOptions;
      expect(() => bus.on('a', () => {}, options)).toThrow(InvalidOptionError);
      expect(bus.emit('a', 1).event.data).toBe(1);
    }
  });
});
