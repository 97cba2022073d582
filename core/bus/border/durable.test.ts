import { describe, expect, it } from 'vitest';
import {
  type BusOptions,
  type Delivery,
  type EventBus,
  type EventStore,
  EventsTrimmedError,
  type Failure,
  InvalidOptionError,
  type OnOptions,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../../testing/index.js';
import { deferred } from '../deferred.test.kit.js';

interface Events {
  'order.placed': number;
  'order.paid': number;
  'cart.changed': number;
}

/** A log that several buses have, one after the other or at the same time. */
const sharedLog = (maxEvents = 100_000): EventStore => memoryStore({ shared: true, maxEvents });

function node(store: EventStore, options: BusOptions & { clock?: SimulatedClock } = {}): TestEventBus<Events> {
  return createTestEventBus<Events>({ store, ...options });
}

/** Subscribes with a handler that notes the data of what it gets. */
function collect(bus: EventBus<Events>, options: OnOptions, pattern: 'order.*' | '**' = 'order.*') {
  const data: number[] = [];
  const off = bus.on(pattern, (event) => void data.push(event.data), options);
  return { data, off };
}

async function emitAll(bus: EventBus<Events>, ...numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await bus.emit('order.placed', n).persisted;
}

/** A store that can be told to fail, as a disk does. */
function failing(log: EventStore) {
  const left = { read: 0, get: 0, claim: 0, move: 0 };
  const check = (what: keyof typeof left): void => {
    if (left[what]-- > 0) throw new Error('no disk');
  };
  const cursors = log.cursors as NonNullable<EventStore['cursors']>;
  const read = log.read.bind(log);
  const store: EventStore = Object.assign(log, {
    read: (query: Parameters<typeof read>[0]) => {
      check('read');
      return read(query);
    },
    cursors: {
      ...{ list: () => cursors.list(), remove: (name: string) => cursors.remove(name) },
      get: async (name: string) => {
        check('get');
        return cursors.get(name);
      },
      claim: async (...claim: Parameters<typeof cursors.claim>) => {
        check('claim');
        return cursors.claim(...claim);
      },
      move: async (...move: Parameters<typeof cursors.move>) => {
        check('move');
        return cursors.move(...move);
      },
    },
  });
  const fail = (what: keyof typeof left, times: number): void => {
    left[what] = times;
  };
  return { store, fail };
}

describe('a durable subscription', () => {
  it('S6 gets what is stored from its first subscription on, once each, in order', async () => {
    const bus = node(sharedLog());
    await emitAll(bus, 1);
    bus.emit('order.placed', 2);
    const { data } = collect(bus, { durable: 'mailer' });
    for (const n of [3, 4, 5]) bus.emit('order.placed', n);
    bus.emit('cart.changed', 6);
    await bus.processEvents();
    await emitAll(bus, 7);
    await bus.idle();
    expect(data).toEqual([3, 4, 5, 7]);
  });

  it('S6 goes on where it was when its bus is closed and another begins', async () => {
    const store = sharedLog();
    const first = node(store);
    const one = collect(first, { durable: 'mailer' });
    await emitAll(first, 1, 2);
    await first.idle();
    await first.close();
    const meanwhile = node(store);
    await emitAll(meanwhile, 3, 4);
    const second = node(store);
    const two = collect(second, { durable: 'mailer' });
    await emitAll(second, 5);
    await second.idle();
    expect(one.data).toEqual([1, 2]);
    expect(two.data).toEqual([3, 4, 5]);
  });

  it.each([
    ['all', [1, 2, 3, 4]],
    ['new', [4]],
    [{ offset: 2 }, [2, 3, 4]],
    [{ since: Date.UTC(2020, 0) + 2000 }, [3, 4]],
    [{ since: Date.UTC(2021, 0) }, [4]],
  ] as const)('S6 begins as told where it has no cursor: from %o', async (from, expected) => {
    const bus = node(sharedLog());
    for (const n of [1, 2, 3]) {
      await emitAll(bus, n);
      await bus.clock.advance(1000);
    }
    const { data } = collect(bus, { durable: 'mailer', from });
    await emitAll(bus, 4);
    await bus.idle();
    expect(data).toEqual(expected);
  });

  it('S6 does not begin again where it has a cursor, whatever it is told', async () => {
    const store = sharedLog();
    for (const expected of [[1, 2], []]) {
      const bus = node(store);
      if (expected.length > 0) await emitAll(bus, 1, 2);
      const { data } = collect(bus, { durable: 'mailer', from: 'all' });
      await bus.idle();
      expect(data).toEqual(expected);
      await bus.close();
    }
  });

  it('S6 calls its handler for one event at a time, and again for what had not settled when its node was gone', async () => {
    const store = sharedLog();
    const crashing = node(store);
    const gates = [deferred<void>(), deferred<void>(), deferred<void>()];
    const begun: number[] = [];
    crashing.on(
      'order.*',
      (event) => {
        begun.push(event.data);
        return gates[begun.length - 1]?.promise;
      },
      { durable: 'mailer' },
    );
    await emitAll(crashing, 1, 2, 3);
    await crashing.processEvents();
    expect(begun).toEqual([1]);
    gates[0]?.resolve();
    await crashing.processEvents();
    expect(begun).toEqual([1, 2]);
    // The crash: nothing of it is heard of again.
    const next = node(store);
    const { data } = collect(next, { durable: 'mailer' });
    await next.idle();
    expect(data).toEqual([2, 3]);
  });

  it('S6 never moves its cursor past an event that has not settled, though later ones have', async () => {
    const store = sharedLog();
    const bus = node(store);
    const gates = new Map([1, 2, 3, 4].map((n) => [n, deferred<void>()]));
    bus.on('order.*', ({ data }) => gates.get(data)?.promise, { durable: 'mailer', concurrency: 3 });
    await emitAll(bus, 1, 2, 3, 4);
    const cursorAfter = async (n: number): Promise<number | undefined> => {
      gates.get(n)?.resolve();
      await bus.processEvents();
      return (await store.cursors?.get('mailer'))?.offset;
    };
    expect(await cursorAfter(3)).toBe(0);
    expect(await cursorAfter(1)).toBe(1);
    expect(await cursorAfter(2)).toBe(3);
    expect(await cursorAfter(4)).toBe(4);
  });

  it('S6 keeps what fails for good as a dead letter and goes on', async () => {
    const store = sharedLog();
    const bus = node(store);
    const handled: number[] = [];
    bus.on(
      'order.*',
      ({ data }) => {
        if (data === 2) throw new RangeError('two');
        handled.push(data);
      },
      { durable: 'mailer', retry: { attempts: 2, delayMs: 10, jitter: 0 } },
    );
    await emitAll(bus, 1, 2, 3);
    await bus.processEvents();
    expect(handled).toEqual([1]);
    await bus.clock.advance(10);
    expect(handled).toEqual([1, 3]);
    const [letter] = (await store.deadLetters?.list()) ?? [];
    expect(letter).toMatchObject({ attempts: 2, event: { data: 2 }, handler: { name: 'mailer' } });
    // The order and the report of the failure: the cursor is behind both.
    expect((await store.cursors?.get('mailer'))?.offset).toBeGreaterThanOrEqual(3);
  });

  it('S6 has the event of a dead letter handled by whoever is subscribed under the name, anywhere', async () => {
    const store = sharedLog();
    const failing = node(store);
    failing.on('order.*', () => Promise.reject(new Error('no')), { durable: 'mailer' });
    await emitAll(failing, 1);
    await failing.idle();
    await failing.close();
    const bus = node(store);
    const { data } = collect(bus, { durable: 'mailer' });
    const [letter] = await bus.deadLetters.list();
    await bus.deadLetters.retry(letter?.id ?? '');
    expect(data).toEqual([1]);
  });

  it('S6 does not pass an event whose dead letter could not be kept', async () => {
    const log = sharedLog();
    let fails = true;
    const letters = log.deadLetters;
    const store: EventStore = Object.assign(log, {
      deadLetters: {
        ...{ list: () => letters?.list(), take: (id: string) => letters?.take(id) },
        put: (...letter: Parameters<NonNullable<typeof letters>['put']>) =>
          fails ? Promise.reject(new Error('full')) : letters?.put(...letter),
      } as NonNullable<typeof letters>,
    });
    const bus = node(store);
    let calls = 0;
    bus.on(
      'order.*',
      ({ data }) => {
        calls++;
        if (data === 1) throw new Error('no');
      },
      { durable: 'mailer' },
    );
    await emitAll(bus, 1, 2);
    await bus.processEvents();
    expect([calls, (await store.cursors?.get('mailer'))?.offset]).toEqual([1, 0]);
    fails = false;
    await bus.clock.advance(10_000);
    expect(calls).toBe(3);
    expect((await store.deadLetters?.list())?.length).toBe(1);
  });

  it('S6 remembers how often a call has failed, and when it is due, over the end of its node', async () => {
    const store = sharedLog();
    const clock = new SimulatedClock();
    const attempts: number[] = [];
    const subscribe = (bus: EventBus<Events>): void => {
      bus.on(
        'order.*',
        (_, delivery) => {
          attempts.push(delivery.attempt);
          throw new Error('no');
        },
        { durable: 'mailer', retry: { attempts: 3, delayMs: 1000, factor: 1, jitter: 0 } },
      );
    };
    const first = node(store, { clock });
    subscribe(first);
    await emitAll(first, 1);
    await clock.advance(400);
    await first.close();
    expect((await store.deadLetters?.list())?.length).toBe(0);
    const second = node(store, { clock });
    subscribe(second);
    await clock.advance(599);
    expect(attempts).toEqual([1]);
    await clock.advance(1);
    expect(attempts).toEqual([1, 2]);
    await clock.advance(1000);
    expect(attempts).toEqual([1, 2, 3]);
    expect((await store.deadLetters?.list())?.[0]?.attempts).toBe(3);
  });

  it('S6 gives each delivery of an event the same key, and a name of its own', async () => {
    const store = sharedLog();
    const keys: (string | undefined)[] = [];
    const note = (_: unknown, delivery: Delivery<Events>): void => void keys.push(delivery.key);
    const first = node(store);
    first.on('order.*', note, { durable: 'mailer' });
    first.on('order.*', note, { durable: 'printer' });
    first.on('order.*', note, { from: 'new' });
    first.on('order.*', note);
    const { event } = first.emit('order.placed', 1);
    await first.idle();
    expect(keys.map(String).sort()).toEqual([
      `mailer:1:${event.id}`,
      `printer:1:${event.id}`,
      'undefined',
      'undefined',
    ]);
  });

  it('S6 reaches every node that is subscribed under its name, and moves its cursor as far as any of them', async () => {
    const store = sharedLog();
    const clock = new SimulatedClock();
    const [one, other] = [node(store, { clock }), node(store, { clock })];
    const atOne = collect(one, { durable: 'view' });
    const held = deferred<void>();
    other.on('order.*', () => held.promise, { durable: 'view' });
    await clock.advance(0);
    await emitAll(one, 1, 2);
    await clock.advance(1000);
    expect(atOne.data).toEqual([1, 2]);
    expect((await store.cursors?.get('view'))?.offset).toBe(2);
    held.resolve();
    await clock.advance(0);
    expect((await store.cursors?.get('view'))?.offset).toBe(2);
  });

  it('S6 learns of what other nodes store, though nothing tells it', async () => {
    const store = sharedLog();
    const clock = new SimulatedClock();
    const [one, other] = [node(store, { clock }), node(store, { clock })];
    const { data } = collect(one, { durable: 'mailer' });
    await clock.advance(0);
    await emitAll(other, 1);
    await clock.advance(999);
    expect(data).toEqual([]);
    await clock.advance(1);
    expect(data).toEqual([1]);
  });

  it('S6 keeps what comes while it is paused, and does not pass what it was paused before', async () => {
    const bus = node(sharedLog());
    const { data, off } = collect(bus, { durable: 'mailer' });
    await bus.idle();
    off.pause();
    await emitAll(bus, 1, 2);
    await bus.idle();
    expect(data).toEqual([]);
    off.resume();
    await bus.idle();
    expect(data).toEqual([1, 2]);
    bus.on('order.*', () => off.pause(), { priority: 1 });
    await emitAll(bus, 3);
    await bus.processEvents();
    expect(data).toEqual([1, 2]);
    off.resume();
    await bus.processEvents();
    expect(data).toEqual([1, 2, 3]);
  });

  it.each([0, 1000])('S6 handles what came to it in a pause that its filter began, %i ms later', async (afterMs) => {
    const bus = node(sharedLog());
    let isFirst = true;
    const { data, off } = collect(bus, {
      durable: 'mailer',
      filter: () => {
        if (isFirst) off.pause();
        if (isFirst && afterMs === 0) queueMicrotask(off.resume.bind(off));
        isFirst = false;
        return true;
      },
    });
    await emitAll(bus, 1, 2);
    await bus.clock.advance(afterMs);
    if (afterMs > 0) expect(data).toEqual([]);
    off.resume();
    await bus.processEvents();
    expect(data).toEqual([1, 2]);
  });

  it('D6 is not called any more once it was unsubscribed, and leaves what it had not handled to its next', async () => {
    const store = sharedLog();
    const bus = node(store);
    const seen: number[] = [];
    const off = bus.on(
      'order.*',
      ({ data }) => {
        seen.push(data);
        if (data === 2) off();
      },
      { durable: 'mailer' },
    );
    await emitAll(bus, 1, 2, 3);
    await bus.idle();
    expect([seen, off.active]).toEqual([[1, 2], false]);
    const { data } = collect(bus, { durable: 'mailer' });
    await bus.idle();
    expect(data).toEqual([3]);
  });

  it('S6 can be subscribed again at once, and begins when what is under way has settled', async () => {
    const bus = node(sharedLog());
    const gate = deferred<void>();
    const seen: string[] = [];
    const subscribe = (label: string) =>
      bus.on(
        'order.*',
        async ({ data }) => {
          seen.push(`${label} ${data}`);
          await gate.promise;
        },
        { durable: 'mailer' },
      );
    const first = subscribe('first');
    await emitAll(bus, 1, 2);
    await bus.processEvents();
    first();
    subscribe('second');
    await bus.processEvents();
    expect(seen).toEqual(['first 1']);
    gate.resolve();
    await bus.idle();
    expect(seen).toEqual(['first 1', 'second 2']);
  });

  it('P2 leaves nothing behind of a subscription that was refused', async () => {
    const bus = node(sharedLog());
    expect(() => bus.on('order..x' as 'order.*', () => {}, { durable: 'mailer' })).toThrow('not a pattern');
    bus.on('order.*', () => {}, { durable: 'mailer', signal: AbortSignal.abort() });
    expect(bus.stats().durable).toEqual([]);
    const { data } = collect(bus, { durable: 'mailer' });
    await emitAll(bus, 1);
    await bus.idle();
    expect(data).toEqual([1]);
  });

  it('E7 freezes the data of what it reads, on a bus that freezes', async () => {
    const store = sharedLog();
    const bus = createTestEventBus<{ made: { list: number[] } }>({ store, freeze: true });
    const frozen: boolean[] = [];
    bus.on('made', ({ data }) => void frozen.push(Object.isFrozen(data.list)), { durable: 'mailer' });
    bus.emit('made', { list: [1] });
    await bus.idle();
    expect(frozen).toEqual([true]);
  });

  it('Q3 passes by an event that has waited longer than it may', async () => {
    const store = sharedLog();
    const bus = node(store);
    bus.emit('order.placed', 1, { ttlMs: 500 });
    bus.emit('order.placed', 2);
    await bus.clock.advance(600);
    const { data } = collect(bus, { durable: 'mailer', from: 'all' });
    await bus.idle();
    expect(data).toEqual([2]);
    expect((await store.cursors?.get('mailer'))?.offset).toBe(2);
  });

  it('S5 S6 is told when the store let go of events before it had handled them', async () => {
    const store = sharedLog(3);
    const first = node(store);
    collect(first, { durable: 'mailer' });
    await emitAll(first, 1);
    await first.idle();
    await first.close();
    const failures: Failure[] = [];
    const bus = node(store, { onError: (failure) => failures.push(failure) });
    await emitAll(bus, 2, 3, 4, 5, 6);
    const { data } = collect(bus, { durable: 'mailer' });
    await bus.idle();
    expect(data).toEqual([4, 5, 6]);
    const error = failures[0]?.error as EventsTrimmedError;
    expect(error).toBeInstanceOf(EventsTrimmedError);
    expect([error.durable, error.after, error.through]).toEqual(['mailer', 1, 3]);
    expect(failures.length).toBe(1);
  });

  it('S6 goes on when a store that failed works again', async () => {
    const log = sharedLog();
    let fails = 0;
    const read = log.read.bind(log);
    const cursors = log.cursors as NonNullable<EventStore['cursors']>;
    const fail = (): boolean => fails-- > 0;
    const store: EventStore = Object.assign(log, {
      read: (query: Parameters<typeof read>[0]) => {
        if (fail()) throw new Error('no disk');
        return read(query);
      },
      cursors: {
        ...{ get: (name: string) => cursors.get(name), list: () => cursors.list() },
        ...{ remove: (name: string) => cursors.remove(name) },
        claim: async (...claim: Parameters<typeof cursors.claim>) => {
          if (fail()) throw new Error('no disk');
          return cursors.claim(...claim);
        },
        move: async (...move: Parameters<typeof cursors.move>) => {
          if (fail()) throw new Error('no disk');
          return cursors.move(...move);
        },
      },
    });
    const bus = node(store);
    fails = 3;
    const { data } = collect(bus, { durable: 'mailer' });
    await bus.clock.advance(5000);
    await emitAll(bus, 1);
    await bus.clock.advance(0);
    fails = 2;
    await emitAll(bus, 2, 3);
    await bus.clock.advance(5000);
    await bus.idle();
    expect(data).toEqual([1, 2, 3]);
    expect((await cursors.get('mailer'))?.offset).toBe(3);
    expect(bus.getErrorCount()).toBe(5);
  });

  it('S6 leaves what came after it to its next, when its bus is closed before it has begun', async () => {
    const store = sharedLog();
    const first = node(store);
    const one = collect(first, { durable: 'mailer' });
    first.emit('order.placed', 1);
    await first.close();
    const second = node(store);
    const two = collect(second, { durable: 'mailer' });
    await second.idle();
    expect([one.data, two.data]).toEqual([[], [1]]);
  });

  it.each(['read', 'get', 'claim'] as const)(
    'S6 has what is emitted after it though the store cannot %s at first',
    async (what) => {
      const { store, fail } = failing(sharedLog());
      const bus = node(store);
      await emitAll(bus, 1);
      fail(what, 1);
      const { data } = collect(bus, { durable: 'mailer' });
      await emitAll(bus, 2, 3);
      await bus.clock.advance(1000);
      expect(data).toEqual([2, 3]);
    },
  );

  it('S5 S6 is told of nothing that had gone from the log before it was subscribed', async () => {
    const log = sharedLog(1);
    const bus = node(log);
    await emitAll(bus, 1, 2, 3);
    await log.purge?.({});
    const { data } = collect(bus, { durable: 'mailer' });
    await emitAll(bus, 4);
    await bus.idle();
    expect([data, bus.getErrorCount()]).toEqual([[4], 0]);
  });

  it('Q1 S6 handles an event all the same that the queue had no room for', async () => {
    const bus = node(sharedLog(), { queue: { concurrency: 1, maxSize: 1, overflow: 'dropOldest' } });
    const { data } = collect(bus, { durable: 'mailer' });
    const gate = deferred<void>();
    bus.on('cart.changed', () => gate.promise);
    bus.emit('cart.changed', 0);
    await emitAll(bus, 1);
    await bus.processEvents();
    bus.emit('cart.changed', 0);
    bus.emit('cart.changed', 0);
    gate.resolve();
    await emitAll(bus, 2);
    await bus.idle();
    expect(data).toEqual([1, 2]);
  });

  it('G8 closes though the store never lets its cursor move, and it was paused', async () => {
    const { store, fail } = failing(sharedLog());
    const bus = node(store);
    const { off } = collect(bus, { durable: 'mailer' });
    await bus.processEvents();
    fail('move', Number.POSITIVE_INFINITY);
    await emitAll(bus, 1);
    await bus.processEvents();
    off.pause();
    await bus.processEvents();
    await bus.close();
    expect(bus.clock.pending).toBe(0);
  });

  it('S6 handles no more than a hundred events that its cursor is behind', async () => {
    const { store, fail } = failing(sharedLog());
    const bus = node(store);
    const { data } = collect(bus, { durable: 'mailer' });
    await bus.processEvents();
    fail('move', 1);
    for (let n = 0; n < 150; n++) bus.emit('order.placed', n);
    await bus.processEvents();
    expect(data.length).toBe(100);
    await bus.clock.advance(100);
    expect(data.length).toBe(150);
  });

  it('S6 forgets the failed calls of an event that was handled, though one before it is not', async () => {
    const store = sharedLog();
    const bus = node(store);
    const retry = { attempts: 3, delayMs: 100, jitter: 0 };
    bus.on(
      'order.*',
      ({ data }, { attempt }) => {
        if (data !== 1 && attempt === 1) throw new Error('no');
        return data === 1 ? deferred<void>().promise : undefined;
      },
      { durable: 'mailer', concurrency: 3, retry },
    );
    await emitAll(bus, 1, 2);
    await bus.processEvents();
    expect((await store.cursors?.get('mailer'))?.retries.map(({ offset }) => offset)).toEqual([2]);
    await bus.clock.advance(100);
    bus.emit('order.placed', 3);
    await bus.processEvents();
    const cursor = await store.cursors?.get('mailer');
    expect([cursor?.offset, cursor?.retries.map(({ offset }) => offset)]).toEqual([0, [3]]);
  });

  it('S6 moves its cursor over what is not for it, now and then', async () => {
    const store = sharedLog();
    const bus = node(store);
    collect(bus, { durable: 'mailer' });
    await bus.clock.advance(1000);
    bus.emit('cart.changed', 1);
    bus.emit('cart.changed', 2);
    await bus.processEvents();
    expect((await store.cursors?.get('mailer'))?.offset).toBe(2);
  });

  it('S5 S6 is told what had gone of the events it asked for by offset', async () => {
    const bus = node(sharedLog(3));
    await emitAll(bus, 1, 2, 3, 4, 5, 6);
    const { data } = collect(bus, { durable: 'mailer', from: { offset: 2 } });
    await bus.idle();
    const error = bus.failures[0]?.error as EventsTrimmedError;
    expect([data, error.after, error.through]).toEqual([[4, 5, 6], 1, 3]);
  });

  it('S6 makes its cursor again when somebody removes it, and moves it on', async () => {
    const store = sharedLog();
    const bus = node(store);
    const { data } = collect(bus, { durable: 'mailer', from: 'all' });
    await emitAll(bus, 1);
    await bus.idle();
    await store.cursors?.remove('mailer');
    await emitAll(bus, 2);
    await bus.processEvents();
    expect([data, (await store.cursors?.get('mailer'))?.offset]).toEqual([[1, 2], 2]);
  });

  it('S6 passes nothing by in a store that ends a read when it is aborted', async () => {
    const log = sharedLog();
    const read = log.read.bind(log);
    const store: EventStore = Object.assign(log, {
      read: async function* ({ signal, ...query }: NonNullable<Parameters<typeof read>[0]> = {}) {
        for await (const stored of read(query)) {
          if (signal?.aborted) return;
          yield stored;
        }
      },
    });
    const bus = node(store);
    await emitAll(bus, 1, 2, 3);
    const seen: number[] = [];
    const stop = (data: number): void => {
      seen.push(data);
      off();
    };
    const off = bus.on('order.*', ({ data }) => stop(data), { durable: 'mailer', from: 'all' });
    await bus.idle();
    expect([seen, (await store.cursors?.get('mailer'))?.offset]).toEqual([[1], 1]);
  });

  it('S6 lets a strict event commit first, and handles what its handler emits', async () => {
    const bus = node(sharedLog(), { durability: 'strict' });
    const { data } = collect(bus, { durable: 'mailer' }, '**');
    bus.on('order.placed', (event, delivery) => void delivery.emit('cart.changed', event.data * 10), {
      durable: 'cart',
    });
    bus.emit('order.placed', 1);
    await bus.idle();
    expect(data).toEqual([1, 10]);
  });

  it('G8 leaves no timer behind when its bus is closed in the middle of everything', async () => {
    const clock = new SimulatedClock();
    const store = sharedLog();
    const bus = node(store, { clock });
    const never = deferred<void>();
    bus.on('order.*', () => never.promise, { durable: 'hangs' });
    bus.on('order.*', () => Promise.reject(new Error('no')), { durable: 'retries', retry: { attempts: 5 } });
    bus.on('order.*', () => {}, { group: 'billing' });
    bus.on('order.*', () => {}, { catchUp: true });
    await emitAll(bus, 1, 2);
    await clock.advance(0);
    const closed = bus.close({ timeoutMs: 50 });
    await clock.advance(50);
    await closed;
    expect(clock.pending).toBe(0);
    expect((await store.cursors?.get('hangs'))?.offset).toBe(0);
    expect((await store.cursors?.get('retries'))?.offset).toBe(0);
    expect((await store.cursors?.get('billing'))?.offset).toBe(2);
  });
});

describe('a subscription that reads from the store without a name', () => {
  it('S6 gets all there is and then what comes, each time it is made', async () => {
    const store = sharedLog();
    for (const expected of [
      [1, 2],
      [1, 2, 1, 2],
    ]) {
      const bus = node(store);
      const { data } = collect(bus, { from: 'all' });
      await emitAll(bus, 1, 2);
      await bus.idle();
      expect(data).toEqual(expected);
      await bus.close();
    }
    expect(await store.cursors?.list()).toEqual(new Map());
  });

  it('S6 catches up with what was stored while nothing could tell it', async () => {
    const store = sharedLog();
    const clock = new SimulatedClock();
    const [away, other] = [node(store, { clock }), node(store, { clock })];
    const { data } = collect(away, { catchUp: true });
    await clock.advance(0);
    await emitAll(other, 1, 2, 3);
    await clock.advance(1000);
    expect(data).toEqual([1, 2, 3]);
  });
});

describe('what a subscription that reads from the store cannot be', () => {
  const refused: readonly [OnOptions, string][] = [
    [{ durable: '' }, 'durable'],
    [{ durable: 'a', priority: 1 }, 'priority'],
    [{ durable: 'a', once: true }, 'once'],
    [{ durable: 'a', maxQueue: 1 }, 'maxQueue'],
    [{ group: 'a', overflow: 'dropOldest' }, 'overflow'],
    [{ group: 'a', leaseMs: 0 }, 'leaseMs'],
    [{ from: 'yesterday' as never }, 'from'],
    [{ from: { offset: 1, since: 2 } as never }, 'from'],
    [{ durable: 'a', concurrency: 0 }, 'concurrency'],
  ];

  it.each(refused)('S6 refuses %o', (options, option) => {
    const bus = node(sharedLog());
    const subscribe = (): unknown => bus.on('order.*', () => {}, options);
    expect(subscribe).toThrow(InvalidOptionError);
    expect(subscribe).toThrow(option);
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('S6 refuses a bus without a store, a type that is not stored, a name that is taken, and requests', () => {
    expect(() => createTestEventBus().on('a', () => {}, { durable: 'x' })).toThrow('a bus that has a store');
    const bus = node(sharedLog(), { persist: 'order.*' });
    expect(() => bus.on('cart.changed', () => {}, { durable: 'x' })).toThrow('a type that is stored');
    bus.on('order.*', () => {}, { durable: 'x' });
    expect(() => bus.on('order.paid', () => {}, { durable: 'x' })).toThrow('a name that no other');
    const answering: OnOptions = { durable: 'y' };
    expect(() => bus.respond('order.paid', () => undefined as never, answering)).toThrow('answered at once');
  });

  it('S6 refuses a store that keeps no cursors', () => {
    const { cursors: _, ...store } = memoryStore() as EventStore & Record<string, unknown>;
    const bus = createTestEventBus({ store: Object.setPrototypeOf(store, Object.getPrototypeOf(memoryStore())) });
    expect(() => bus.on('a', () => {}, { group: 'x' })).toThrow('a store that keeps cursors');
  });
});
