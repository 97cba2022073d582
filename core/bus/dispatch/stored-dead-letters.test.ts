import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  type BusOptions,
  createEventBus,
  DeadLetterError,
  type DeadLetterStore,
  type EventBus,
  type EventStore,
  type Failure,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { SimulatedClock } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

type LetterStore = EventStore & { readonly deadLetters: DeadLetterStore };

/** A store for several buses; a test can change what is asked of its dead letters, or hold it up. */
function sharedStore(change: (letters: DeadLetterStore) => Partial<DeadLetterStore> = () => ({})): LetterStore {
  const store = memoryStore({ shared: true });
  const letters = store.deadLetters as DeadLetterStore;
  const unchanged: DeadLetterStore = {
    put: (letter, limit) => letters.put(letter, limit),
    list: () => letters.list(),
    take: (id) => letters.take(id),
  };
  return Object.assign(store, { deadLetters: { ...unchanged, ...change(unchanged) } });
}

/** A bus with a handler of `order.*` that fails until it is mended. */
function node(options: BusOptions = {}) {
  const failures: Failure[] = [];
  const bus = createEventBus({ onError: (failure) => failures.push(failure), ...options });
  const state = { broken: true };
  const handled: unknown[] = [];
  const handler = ({ data }: { readonly data: unknown }): void => {
    if (state.broken) throw new TypeError(`cannot ${data}`);
    handled.push(data);
  };
  const off = bus.on('order.*', handler, { name: 'orders' });
  const stages = (): readonly string[] => failures.map(({ stage }) => stage);
  return { bus, state, handled, off, stages };
}

async function dataOf({ deadLetters }: EventBus): Promise<readonly unknown[]> {
  return (await deadLetters.list()).map(({ event }) => event.data);
}

async function firstOf({ deadLetters }: EventBus): Promise<string> {
  return (await deadLetters.list())[0]?.id ?? 'none';
}

describe('a dead letter in a store', () => {
  it('F3 is there for every bus of that store, with the name and message of its error', async () => {
    const store = sharedStore();
    const [one, other] = [node({ store, source: 'shop' }), createEventBus({ store })];
    const { event } = one.bus.emit('order.placed', { lines: [1] }, { metadata: { tenant: 'x' }, ttlMs: 60_000 });
    await one.bus.idle();
    const [own] = await one.bus.deadLetters.list();
    const [letter, ...others] = await other.deadLetters.list();
    expect(letter).toEqual({
      id: own?.id,
      event: expect.anything(),
      handler: { name: 'orders', patterns: ['order.*'] },
      error: { name: 'TypeError', message: 'cannot [object Object]' },
      attempts: 1,
      failedAt: own?.failedAt,
    });
    expect(letter?.event.toRecord()).toEqual(event.toRecord());
    expect([own?.error, others, Object.isFrozen(letter)]).toEqual([expect.any(TypeError), [], true]);
  });

  it('F3 is one list with those of all nodes, oldest first', async () => {
    const store = sharedStore();
    const clock = new SimulatedClock();
    const nodes = [node({ store, clock }), node({ store, clock, persist: 'order.placed' })] as const;
    for (let n = 0; n < 6; n++) {
      nodes[n % 2 === 0 ? 0 : 1].bus.emit(n === 3 ? 'order.paid' : 'order.placed', n);
      await clock.advance(1);
    }
    // That of the event that is not stored is known where it failed alone.
    expect(await dataOf(nodes[0].bus)).toEqual([0, 1, 2, 4, 5]);
    expect(await dataOf(nodes[1].bus)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('F3 stays in order when the clock goes back', async () => {
    const clock = new SimulatedClock();
    const store = sharedStore();
    const { bus } = node({ store, clock, maxDeadLetters: 2 });
    for (const data of [1, 2, 3]) {
      bus.emit('order.placed', data);
      clock.set(clock.now() - 1000);
    }
    expect(await dataOf(bus)).toEqual([2, 3]);
  });

  it('F3 is one of the latest maxDeadLetters of all nodes', async () => {
    const store = sharedStore();
    const clock = new SimulatedClock();
    const [one, other] = [node({ store, clock, maxDeadLetters: 3 }), node({ store, clock, maxDeadLetters: 3 })];
    for (const data of [1, 2, 3, 4]) {
      (data % 2 === 0 ? one : other).bus.emit('order.placed', data);
      await clock.advance(1);
    }
    expect([await dataOf(one.bus), await dataOf(other.bus)]).toEqual([
      [2, 3, 4],
      [2, 3, 4],
    ]);
  });

  it('F3 leaves those of others alone where none may be kept', async () => {
    const store = sharedStore();
    const [one, other] = [node({ store }), node({ store, maxDeadLetters: 0 })];
    one.bus.emit('order.placed', 1);
    await one.bus.idle();
    other.bus.emit('order.placed', 2);
    await other.bus.idle();
    expect(await dataOf(other.bus)).toEqual([1]);
  });

  it('F3 outlives its bus', async () => {
    const store = sharedStore();
    const before = node({ store });
    before.bus.emit('order.placed', 1);
    await before.bus.close();
    const after = node({ store });
    after.state.broken = false;
    await after.bus.deadLetters.retry(await firstOf(after.bus));
    expect([after.handled, await dataOf(after.bus)]).toEqual([[1], []]);
  });

  it('F3 is waited for by idle and by close', async () => {
    const gate = deferred();
    let puts = 0;
    const store = sharedStore(({ put }) => ({
      put: async (...letter) => {
        await gate.promise;
        await put(...letter);
        puts++;
      },
    }));
    const { bus } = node({ store });
    bus.emit('order.placed', 1);
    const seen: string[] = [];
    const idle = bus.idle().then(() => seen.push(`idle ${puts}`));
    const closed = bus.close().then(() => seen.push(`closed ${puts}`));
    await reactions();
    expect(seen).toEqual([]);
    gate.resolve();
    await Promise.all([idle, closed]);
    expect(seen.sort()).toEqual(['closed 1', 'idle 1']);
  });

  it.each(['retry', 'discard'] as const)('F3 is waited for by close while it is taken for a %s', async (ask) => {
    const taking = deferred();
    const store = sharedStore(({ take }) => ({ take: (id) => taking.promise.then(() => take(id)) }));
    const { bus } = node({ store });
    bus.emit('order.placed', 1);
    const asked = bus.deadLetters[ask](await firstOf(bus)).catch(() => 'put back');
    await reactions();
    let isClosed = false;
    const closed = bus.close().then(() => {
      isClosed = true;
    });
    await reactions();
    expect(isClosed).toBe(false);
    taking.resolve();
    await closed;
    const left = await store.deadLetters.list();
    expect([await asked, left.length]).toEqual(ask === 'retry' ? ['put back', 1] : [true, 0]);
  });

  it('F3 can be discarded before it is written', async () => {
    const writing = deferred();
    const store = sharedStore(({ put }) => ({ put: (...letter) => writing.promise.then(() => put(...letter)) }));
    const { bus } = node({ store });
    const ids: string[] = [];
    bus.inspect((told) => told.kind === 'deadLettered' && ids.push(`${told.letter}`));
    bus.emit('order.placed', 1);
    const discarded = bus.deadLetters.discard(`${ids[0]}`);
    await reactions();
    writing.resolve();
    expect([await discarded, await dataOf(bus), ids.length]).toEqual([true, [], 1]);
  });

  it('F3 is waited for by idle when it comes while another is', async () => {
    const gates = [deferred(), deferred()];
    let puts = 0;
    const store = sharedStore(({ put }) => ({
      put: async (...letter) => {
        await gates[puts++]?.promise;
        await put(...letter);
      },
    }));
    const { bus } = node({ store });
    bus.emit('order.placed', 1);
    let isIdle = false;
    const idle = bus.idle().then(() => {
      isIdle = true;
    });
    await reactions();
    bus.emit('order.placed', 2);
    gates[0]?.resolve();
    await reactions();
    expect(isIdle).toBe(false);
    gates[1]?.resolve();
    await idle;
    expect(await dataOf(bus)).toEqual([1, 2]);
  });

  it('S2 does not keep idle from seeing that an event was stored meanwhile', async () => {
    const [letter, event] = [deferred(), deferred()];
    const store = sharedStore(({ put }) => ({ put: (...one) => letter.promise.then(() => put(...one)) }));
    const append = store.append.bind(store);
    const { bus } = node({ store });
    bus.emit('order.placed', 1);
    const idle = bus.idle();
    await reactions();
    Object.assign(store, {
      append: async (...one: Parameters<typeof append>) => event.promise.then(() => append(...one)),
    });
    bus.emit('stock.counted');
    await reactions();
    letter.resolve();
    await reactions();
    event.resolve();
    await idle;
  });
});

describe('a dead letter that a store does not have', () => {
  it('F3 stays in memory where its type is not stored', async () => {
    const store = sharedStore();
    const { bus, state, handled } = node({ store, persist: 'user.**' });
    bus.emit('order.placed', 1);
    expect([await store.deadLetters.list(), await dataOf(bus)]).toEqual([[], [1]]);
    state.broken = false;
    await bus.deadLetters.retry(await firstOf(bus));
    expect([handled, await dataOf(bus)]).toEqual([[1], []]);
  });

  it('F3 stays in memory where the store keeps none', async () => {
    const store = memoryStore({ shared: true });
    const { bus } = node({ store: Object.assign(store, { deadLetters: undefined }) as unknown as EventStore });
    bus.emit('order.placed', 1);
    const id = await firstOf(bus);
    expect([await bus.deadLetters.discard(id), await bus.deadLetters.discard(id)]).toEqual([true, false]);
  });

  it.each([
    ['rejects', async () => Promise.reject(new Error('full'))],
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
  ] as const)('F3 stays in memory, and is reported, where the store %s', async (_, put) => {
    const { bus, state, handled, stages } = node({ store: sharedStore(() => ({ put })) });
    bus.emit('order.placed', 1);
    await bus.idle();
    expect([stages(), await dataOf(bus)]).toEqual([['handler', 'store'], [1]]);
    state.broken = false;
    const id = await firstOf(bus);
    await bus.deadLetters.retry(id);
    expect([handled, await dataOf(bus), await bus.deadLetters.discard(id)]).toEqual([[1], [], false]);
  });

  it('F3 stays in memory, and is reported, when its event cannot be copied', async () => {
    const store = sharedStore();
    const { bus, stages } = node({ store, persist: 'order.placed' });
    const data = { close: () => {} };
    bus.emit('order.placed', data);
    await bus.idle();
    expect([await store.deadLetters.list(), stages().toSorted()]).toEqual([[], ['handler', 'store', 'store']]);
    const [letter] = await bus.deadLetters.list();
    expect(letter?.event.data).toBe(data);
  });

  it('F3 is known to be there when its write failed but was done', async () => {
    const store = sharedStore(({ put }) => ({
      put: (...letter) => put(...letter).then(() => Promise.reject(new Error('late'))),
    }));
    const { bus } = node({ store });
    bus.emit('order.placed', 1);
    const id = await firstOf(bus);
    expect([await bus.deadLetters.discard(id), await store.deadLetters.list()]).toEqual([true, []]);
  });
});

describe('a dead letter of another node', () => {
  it('F3 is retried by the handler with the same patterns and name, once, with where its event came from', async () => {
    const store = sharedStore();
    const [one, other] = [node({ store }), createEventBus({ store })];
    const { event } = one.bus.emit('order.placed', 1, { correlationId: 'chain' });
    await one.bus.idle();
    const calls: unknown[] = [];
    other.on('order.*', () => calls.push('another'), { name: 'others' });
    const id = await firstOf(other);
    await expect(other.deadLetters.retry(id)).rejects.toThrow('has no handler: "orders" is gone');
    other.on(
      'order.*',
      ({ id: eventId, correlationId }, delivery) => calls.push([eventId, correlationId, delivery.node]),
      {
        name: 'orders',
      },
    );
    expect(await other.deadLetters.retry(id)).toMatchObject({ status: 'delivered', delivered: 1 });
    expect(calls).toEqual([[event.id, 'chain', one.bus.nodeId]]);
    expect([await dataOf(one.bus), await dataOf(other)]).toEqual([[], []]);
    await expect(one.bus.deadLetters.retry(id)).rejects.toThrow('is not there');
  });

  it('F3 is taken by one of all that retry or discard it at once', async () => {
    const store = sharedStore();
    const nodes = [node({ store }), node({ store }), node({ store })] as const;
    nodes[0].bus.emit('order.placed', 1);
    const id = await firstOf(nodes[1].bus);
    for (const { state } of nodes) state.broken = false;
    const retried = await Promise.allSettled(
      nodes.flatMap(({ bus: { deadLetters } }) => [deadLetters.retry(id), deadLetters.retry(id)]),
    );
    expect(retried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(nodes.flatMap(({ handled }) => handled)).toEqual([1]);
    for (const { state } of nodes) state.broken = true;
    nodes[1].bus.emit('order.placed', 2);
    const next = await firstOf(nodes[2].bus);
    const discarded = await Promise.all(
      nodes.flatMap(({ bus: { deadLetters } }) => [deadLetters.discard(next), deadLetters.discard(next)]),
    );
    expect(discarded.filter((isMine) => isMine)).toHaveLength(1);
  });

  it('F3 leaves a new one when it fails again, in the same store', async () => {
    const store = sharedStore();
    const [one, other] = [node({ store }), node({ store })];
    one.bus.emit('order.placed', 1);
    const id = await firstOf(other.bus);
    expect((await other.bus.deadLetters.retry(id)).failures).toHaveLength(1);
    expect([await dataOf(one.bus), await firstOf(one.bus)]).toEqual([[1], expect.not.stringContaining(id)]);
  });

  it('F3 is read once for all that was listed', async () => {
    let lists = 0;
    const store = sharedStore(({ list }) => ({
      list: () => {
        lists++;
        return list();
      },
    }));
    const [one, other] = [node({ store }), node({ store })];
    for (let data = 0; data < 20; data++) one.bus.emit('order.placed', data);
    await one.bus.idle();
    other.state.broken = false;
    for (const { id } of await other.bus.deadLetters.list()) await other.bus.deadLetters.retry(id);
    expect([other.handled.length, lists]).toEqual([20, 1]);
  });

  it('F3 is known to be gone when another node has taken it', async () => {
    const store = sharedStore();
    const [one, other] = [node({ store }), node({ store })];
    one.bus.emit('order.placed', 1);
    const id = await firstOf(one.bus);
    await other.bus.deadLetters.discard(id);
    expect([await one.bus.deadLetters.discard(id), await dataOf(one.bus)]).toEqual([false, []]);
  });
});

describe('a retry that comes to nothing', () => {
  it.each([
    ['is unsubscribed', 'gone', ({ off }: ReturnType<typeof node>) => off()],
    ['is paused', 'paused', ({ off }: ReturnType<typeof node>) => off.pause()],
    ['has a bus that closes', 'closed', ({ bus }: ReturnType<typeof node>) => void bus.close()],
  ])('F3 puts the letter back when its handler %s while it is taken', async (_, problem, end) => {
    const taking = deferred();
    const store = sharedStore(({ take }) => ({
      take: async (id) => {
        const isTaken = await take(id);
        await taking.promise;
        return isTaken;
      },
    }));
    const [one, other] = [node({ store }), createEventBus({ store })];
    one.bus.emit('order.placed', 1);
    const id = await firstOf(one.bus);
    const retried = one.bus.deadLetters.retry(id);
    await reactions();
    expect(await dataOf(other)).toEqual([]);
    end(one);
    taking.resolve();
    await expect(retried).rejects.toThrow(problem);
    expect([await firstOf(other), await dataOf(other), one.handled]).toEqual([id, [1], []]);
  });

  it('F3 puts back what another node left, though events of its type are not stored by this one', async () => {
    const taking = deferred();
    const store = sharedStore(({ take }) => ({
      take: (id) => take(id).then((isTaken) => taking.promise.then(() => isTaken)),
    }));
    const [one, other] = [node({ store }), node({ store, persist: 'user.**' })];
    one.bus.emit('order.placed', 1);
    const retried = other.bus.deadLetters.retry(await firstOf(other.bus));
    await reactions();
    other.off();
    taking.resolve();
    await expect(retried).rejects.toThrow('gone');
    expect(await dataOf(one.bus)).toEqual([1]);
  });

  it('F3 keeps the letter when the store cannot be asked', async () => {
    let isDown = false;
    const store = sharedStore(({ take }) => ({
      take: (id) => (isDown ? Promise.reject(new Error('down')) : take(id)),
    }));
    const { bus, state, handled } = node({ store });
    bus.emit('order.placed', 1);
    const id = await firstOf(bus);
    state.broken = false;
    isDown = true;
    await expect(bus.deadLetters.retry(id)).rejects.toThrow('down');
    await expect(bus.deadLetters.discard(id)).rejects.toThrow('down');
    isDown = false;
    await bus.deadLetters.retry(id);
    expect(handled).toEqual([1]);
  });

  it('F3 says that the bus is closed, and not that its store is', async () => {
    const { bus } = node({ store: memoryStore() });
    bus.emit('order.placed', 1);
    const ids = [await firstOf(bus), 'unknown'];
    await bus.close();
    for (const id of ids) await expect(bus.deadLetters.retry(id)).rejects.toThrow(BusClosedError);
  });

  it('F3 refuses what no store has', async () => {
    const { bus } = node({ store: sharedStore() });
    await expect(bus.deadLetters.retry('unknown')).rejects.toThrow(DeadLetterError);
    expect(await bus.deadLetters.discard('unknown')).toBe(false);
  });
});

describe('a list of dead letters', () => {
  it('F3 has what is written while it is read, too', async () => {
    const reading = deferred();
    const store = sharedStore(({ list }) => ({
      list: async () => {
        const letters = await list();
        await reading.promise;
        return letters;
      },
    }));
    const { bus } = node({ store });
    bus.emit('order.placed', 1);
    const listed = dataOf(bus);
    await reactions();
    bus.emit('order.placed', 2);
    await reactions();
    reading.resolve();
    expect([await listed, await dataOf(bus)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const [, letter] = await bus.deadLetters.list();
    expect(letter?.error).toBeInstanceOf(TypeError);
  });
});
