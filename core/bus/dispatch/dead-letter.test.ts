import { describe, expect, it } from 'vitest';
import { BusClosedError, createEventBus, DeadLetterError, type Failure, type Inspection } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

/** A bus with a handler of `order.*` that fails while the test says so. */
function failing(options: Parameters<typeof createEventBus>[0] = {}) {
  const failures: Failure[] = [];
  const clock = new SimulatedClock();
  const bus = createEventBus({ clock, onError: (failure) => failures.push(failure), ...options });
  const state = { broken: true };
  const handled: unknown[] = [];
  const handler = ({ data }: { readonly data: unknown }): void => {
    if (state.broken) throw new Error(`cannot ${data}`);
    handled.push(data);
  };
  const off = bus.on('order.*', handler, { name: 'orders' });
  const first = async (): Promise<string> => (await bus.deadLetters.list())[0]?.id ?? 'none';
  return { bus, clock, failures, state, handled, handler, off, first };
}

describe('a dead letter', () => {
  it('F3 has the event, the handler, the error, the attempts and the time', async () => {
    const { bus, clock, failures } = failing();
    const { event } = bus.emit('order.placed', 1);
    const [letter, ...others] = await bus.deadLetters.list();
    expect(letter).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      event,
      handler: { id: 1, name: 'orders', patterns: ['order.*'], priority: 0 },
      error: failures[0]?.error,
      attempts: 1,
      failedAt: clock.now(),
    });
    expect([others, bus.stats().deadLettered, Object.isFrozen(letter)]).toEqual([[], 1, true]);
  });

  it('F3 is left by a filter that fails, and asked again', async () => {
    const bus = createEventBus({ onError: () => {} });
    let broken = true;
    let calls = 0;
    const filter = (): boolean => {
      if (broken) throw new Error('no');
      return true;
    };
    bus.on('a', () => calls++, { filter });
    await bus.emit('a');
    const [letter] = await bus.deadLetters.list();
    expect(letter).toMatchObject({ attempts: 0, error: { message: 'no' } });
    broken = false;
    await bus.deadLetters.retry(`${letter?.id}`);
    expect([calls, await bus.deadLetters.list()]).toEqual([1, []]);
  });

  it('F3 is one for each handler that failed, in order', async () => {
    const { bus } = failing();
    bus.on('order.placed', () => Promise.reject(new Error('too')), { name: 'mailer' });
    await bus.emit('order.placed', 1);
    const letters = await bus.deadLetters.list();
    expect(letters.map(({ handler }) => handler.name)).toEqual(['orders', 'mailer']);
    expect(new Set(letters.map(({ id }) => id)).size).toBe(2);
  });

  it('F3 is one of the latest maxDeadLetters', async () => {
    const { bus } = failing({ maxDeadLetters: 3 });
    for (let data = 1; data <= 1000; data++) bus.emit('order.placed', data);
    expect((await bus.deadLetters.list()).map(({ event }) => event.data)).toEqual([998, 999, 1000]);
    expect(bus.stats().deadLettered).toBe(1000);
  });

  it('F3 is not kept where none may be, and counted all the same', async () => {
    const { bus } = failing({ maxDeadLetters: 0 });
    bus.emit('order.placed', 1);
    expect([await bus.deadLetters.list(), bus.stats().deadLettered]).toEqual([[], 1]);
  });

  it.each([-1, 1.5, Number.NaN, '5'])('D10 cannot be one of %j', (maxDeadLetters) => {
    expect(() => createEventBus({ maxDeadLetters: maxDeadLetters as number })).toThrow(
      expect.objectContaining({ option: 'maxDeadLetters' }),
    );
  });
});

describe('retry of a dead letter', () => {
  it('F3 calls the handler that failed, and no other, with the same event', async () => {
    const { bus, state, handled, first } = failing();
    const others: unknown[] = [];
    bus.on('order.**', ({ data }) => others.push(data));
    const { event } = await bus.emit('order.placed', 1, { correlationId: 'chain', metadata: { tenant: 'x' } });
    state.broken = false;
    const result = await bus.deadLetters.retry(await first());
    expect([handled, others]).toEqual([[1], [1]]);
    expect(result).toMatchObject({ status: 'delivered', delivered: 1, failures: [] });
    expect(result.event.toRecord()).toEqual(event.toRecord());
    expect(await bus.deadLetters.list()).toEqual([]);
  });

  it('F3 leaves a new one when it fails again', async () => {
    const { bus, failures, first } = failing();
    await bus.emit('order.placed', 1);
    const id = await first();
    expect((await bus.deadLetters.retry(id)).failures).toHaveLength(1);
    expect([await first()]).not.toEqual([id]);
    expect([failures.length, bus.stats().deadLettered, (await bus.deadLetters.list()).length]).toEqual([2, 2, 1]);
  });

  it('F3 makes the attempts that its subscription says', async () => {
    const clock = new SimulatedClock();
    const bus = createEventBus({ clock, onError: () => {} });
    const attempts: number[] = [];
    const handler = (_: unknown, { attempt }: { readonly attempt: number }): never => {
      attempts.push(attempt);
      throw new Error('no');
    };
    bus.on('a', handler, { retry: { attempts: 2, delayMs: 10, jitter: 0 } });
    bus.emit('a');
    await clock.advance(10);
    const [letter] = await bus.deadLetters.list();
    const retried = bus.deadLetters.retry(`${letter?.id}`);
    await clock.advance(10);
    expect([attempts, (await retried).failures.length]).toEqual([[1, 2, 1, 2], 1]);
  });

  it('F3 has the event handled though it was cancelled, or is older than its ttlMs', async () => {
    const clock = new SimulatedClock();
    const bus = createEventBus({ clock, onError: () => {} });
    let calls = 0;
    bus.on('a', (event) => {
      event.cancel();
      if (calls++ === 0) throw new Error('no');
    });
    await bus.emit('a', 1, { ttlMs: 10 });
    await clock.advance(1000);
    const [letter] = await bus.deadLetters.list();
    expect(letter?.event.cancelled).toBe(true);
    expect((await bus.deadLetters.retry(`${letter?.id}`)).delivered).toBe(1);
    expect(calls).toBe(2);
  });

  it('F3 says where the event came from, as it did before', async () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()], onError: () => {} });
    const nodes: string[] = [];
    bus.on('ping', (_, { node }) => {
      nodes.push(node);
      if (nodes.length === 1) throw new Error('no');
    });
    wire.inject([recordFrom('other', 1)]);
    const [letter] = await bus.deadLetters.list();
    await bus.deadLetters.retry(`${letter?.id}`);
    expect(nodes).toEqual(['other', 'other']);
  });

  it('F3 D5 is not made inside the handler that asks for it', async () => {
    const { bus, state, handled, first } = failing();
    await bus.emit('order.placed', 1);
    const id = await first();
    state.broken = false;
    let inside: unknown;
    bus.on('again', () => {
      void bus.deadLetters.retry(id);
      inside = [...handled];
    });
    bus.emit('again');
    await bus.idle();
    expect([inside, handled]).toEqual([[], [1]]);
  });

  it('F3 calls one that was subscribed later with the same patterns and name', async () => {
    const { bus, off, first } = failing();
    await bus.emit('order.placed', 1);
    off();
    const calls: string[] = [];
    bus.on('order.*', () => calls.push('other name'), { name: 'others' });
    bus.on('order.**', () => calls.push('other pattern'), { name: 'orders' });
    await expect(bus.deadLetters.retry(await first())).rejects.toThrow('has no handler: "orders" is gone');
    bus.on('order.*', () => calls.push('successor'), { name: 'orders' });
    await bus.deadLetters.retry(await first());
    expect([calls, await bus.deadLetters.list()]).toEqual([['successor'], []]);
  });

  it('F3 finds the successor of a list of patterns, in whatever order they are given', async () => {
    const bus = createEventBus({ onError: () => {} });
    const handler = (): never => {
      throw new Error('no');
    };
    bus.once(['a', 'b.*'], handler, { name: 'both' });
    await bus.emit('a');
    let calls = 0;
    bus.on(['b.*', 'a'], () => calls++, { name: 'both' });
    const [letter] = await bus.deadLetters.list();
    await bus.deadLetters.retry(`${letter?.id}`);
    expect(calls).toBe(1);
  });

  it('F3 keeps the letter of a handler that is paused', async () => {
    const { bus, off, state, handled, first } = failing();
    await bus.emit('order.placed', 1);
    off.pause();
    state.broken = false;
    await expect(bus.deadLetters.retry(await first())).rejects.toThrow(DeadLetterError);
    off.resume();
    await bus.deadLetters.retry(await first());
    expect(handled).toEqual([1]);
  });

  it('F3 refuses what is not there, what was just retried, and a closed bus', async () => {
    const { bus, first } = failing();
    await bus.emit('order.placed', 1);
    const id = await first();
    await expect(bus.deadLetters.retry('unknown')).rejects.toThrow('The dead letter "unknown" is not there');
    const both = await Promise.allSettled([bus.deadLetters.retry(id), bus.deadLetters.retry(id)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await bus.close();
    await expect(bus.deadLetters.retry(await first())).rejects.toThrow(BusClosedError);
    expect(await bus.deadLetters.list()).toHaveLength(1);
  });

  it('F3 tells of a responder’s error, though somebody had asked once', async () => {
    const { bus, failures } = failing();
    let filterFails = true;
    const filter = (): boolean => {
      if (filterFails) throw new Error('filter');
      return true;
    };
    const responder = (): never => {
      throw new Error('responder');
    };
    bus.respond('ask', responder, { filter });
    await expect(bus.request('ask')).rejects.toThrow('nobody responds');
    filterFails = false;
    const [letter] = await bus.deadLetters.list();
    await bus.deadLetters.retry(`${letter?.id}`);
    expect(failures.map(({ error }) => (error as Error).message)).toEqual(['filter', 'responder']);
    expect(await bus.deadLetters.list()).toMatchObject([{ error: { message: 'responder' } }]);
  });

  it('I1 is told of as any call, and of the letter with its id', async () => {
    const { bus, first } = failing();
    const told: Inspection[] = [];
    bus.inspect((one) => told.push(one));
    await bus.emit('order.placed', 1);
    await bus.deadLetters.retry(await first());
    const letters = told.filter(({ kind }) => kind === 'deadLettered');
    expect(letters).toMatchObject([{ attempts: 1 }, { attempts: 1, letter: await first() }]);
    expect(told.filter(({ kind }) => kind === 'handlerStarted')).toHaveLength(2);
  });
});

describe('discard of a dead letter', () => {
  it('F3 forgets it, and says whether it was there', async () => {
    const { bus, first } = failing();
    await bus.emit('order.placed', 1);
    const id = await first();
    expect([await bus.deadLetters.discard(id), await bus.deadLetters.discard(id)]).toEqual([true, false]);
    expect(await bus.deadLetters.list()).toEqual([]);
  });
});
