import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  type BusOptions,
  type Clock,
  createEventBus,
  type EventBus,
  InvalidOptionError,
  InvalidPatternError,
  systemClock,
  UnsubscribedError,
  type WaitOptions,
  WaitTimeoutError,
} from '../../index.js';
import { reactions } from '../deferred.test.kit.js';

interface Timer {
  readonly run: () => void;
  readonly delayMs: number;
}

/** A bus whose timers fire when a test says so, and that tells what a wait has left behind. */
function watchedBus(options: BusOptions = {}) {
  const timers = new Set<Timer>();
  const clock: Clock = {
    ...systemClock,
    setTimeout(run, delayMs) {
      const timer: Timer = { run, delayMs };
      timers.add(timer);
      return timer;
    },
    clearTimeout: (timer) => void timers.delete(timer as Timer),
  };
  const bus = createEventBus({ ...options, clock });
  const controller = new AbortController();
  const { signal } = controller;
  return {
    bus,
    signal,
    abort: (reason?: unknown) => controller.abort(reason),
    timers,
    /** Fires all timers that are set. */
    elapse: () => {
      for (const timer of timers) {
        timers.delete(timer);
        timer.run();
      }
    },
    left: () => ({
      subscriptions: bus.stats().subscriptions,
      timers: timers.size,
      abortListeners: getEventListeners(signal, 'abort').length,
    }),
  };
}

const nothing = { subscriptions: 0, timers: 0, abortListeners: 0 };
const something = { subscriptions: 1, timers: 1, abortListeners: 1 };

describe('waitFor', () => {
  it('R6 resolves with the next event that matches, and with none from before', async () => {
    const bus = createEventBus();
    bus.emit('user.created', 'before');
    const wait = bus.waitFor('user.*');
    bus.emit('order.created', 'no match');
    const { event } = bus.emit('user.created', 'first');
    bus.emit('user.created', 'second');
    expect(await wait).toBe(event);
  });

  it('R6 takes a list of patterns', async () => {
    const bus = createEventBus();
    const wait = bus.waitFor(['paid', 'refused.*']);
    bus.emit('refused.card', 1);
    expect(await wait).toMatchObject({ type: 'refused.card', data: 1 });
  });

  it('R6 waits through events that its filter refuses', async () => {
    const bus = createEventBus<{ paid: number }>();
    const wait = bus.waitFor('paid', { filter: ({ data }) => data === 2 });
    bus.emit('paid', 1);
    bus.emit('paid', 2);
    expect((await wait).data).toBe(2);
  });

  it('R6 goes on after a failure of its filter, which is reported like that of any', async () => {
    const failures: unknown[] = [];
    const bus = createEventBus<{ paid: number }>({
      onError: ({ stage, error }) => failures.push([stage, (error as Error).message]),
    });
    const wait = bus.waitFor('paid', {
      filter: ({ data }) => {
        if (data === 1) throw new Error('one');
        return true;
      },
    });
    bus.emit('paid', 1);
    bus.emit('paid', 2);
    expect((await wait).data).toBe(2);
    expect(failures).toEqual([['filter', 'one']]);
  });

  it('R6 resolves in the order of subscription among handlers of priority 0', () => {
    const bus = createEventBus();
    const seen: string[] = [];
    bus.on('a', () => seen.push('before'));
    void bus.waitFor('a', { filter: () => seen.push('wait') > 0 });
    bus.on('a', () => seen.push('after'));
    bus.on('a', () => seen.push('above'), { priority: 1 });
    bus.emit('a');
    expect(seen).toEqual(['above', 'before', 'wait', 'after']);
  });

  it('R6 waits for events that were not cancelled by a handler above it', async () => {
    const bus = createEventBus<{ a: number }>();
    bus.on('a', (event) => event.data === 1 && event.cancel(), { priority: 1 });
    const wait = bus.waitFor('a');
    bus.emit('a', 1);
    bus.emit('a', 2);
    expect((await wait).data).toBe(2);
  });

  it('R6 rejects with WaitTimeoutError, no sooner than it is told', async () => {
    const { bus, timers, elapse, left, signal } = watchedBus();
    const wait = bus.waitFor(['b', 'a'], { timeoutMs: 250, signal });
    expect([...timers].map(({ delayMs }) => delayMs)).toEqual([250]);
    expect(left()).toEqual(something);
    elapse();
    const error = await wait.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ code: 'WAIT_TIMEOUT', timeoutMs: 250 });
    expect((error as Error).message).toContain('"a b" within 250 ms');
    expect(left()).toEqual(nothing);
  });

  it('R6 times out on the clock of the platform', async () => {
    await expect(createEventBus().waitFor('a', { timeoutMs: 1 })).rejects.toThrow(WaitTimeoutError);
  });

  it.each([
    ['without a limit', {}],
    ['for Infinity', { timeoutMs: Number.POSITIVE_INFINITY }],
  ])('R6 sets no timer %s', (_, options: WaitOptions) => {
    const { bus, timers } = watchedBus();
    void bus.waitFor('a', options);
    expect(timers.size).toBe(0);
  });

  it('R6 may have no time at all', async () => {
    const { bus, elapse } = watchedBus();
    const wait = bus.waitFor('a', { timeoutMs: 0 });
    elapse();
    await expect(wait).rejects.toThrow(WaitTimeoutError);
  });

  it('R6 rejects with the reason of its signal', async () => {
    const { bus, signal, abort, left } = watchedBus();
    const wait = bus.waitFor('a', { timeoutMs: 1_000, signal });
    expect(left()).toEqual(something);
    const reason = { why: 'the user left' };
    abort(reason);
    expect(left()).toEqual(nothing);
    expect(await wait.catch((error: unknown) => error)).toBe(reason);
  });

  it('R6 subscribes nobody when its signal has aborted already', async () => {
    const { bus, left } = watchedBus();
    const told: string[] = [];
    bus.inspect(({ kind }) => told.push(kind));
    const signal = AbortSignal.abort('too late');
    const wait = bus.waitFor('a', { timeoutMs: 1_000, signal });
    bus.emit('a');
    expect(await wait.catch((error: unknown) => error)).toBe('too late');
    expect(told).not.toContain('subscribed');
    expect(left()).toEqual(nothing);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('R6 rejects with BusClosedError when the bus closes', async () => {
    const { bus, signal, left } = watchedBus();
    const wait = bus.waitFor('a', { timeoutMs: 1_000, signal });
    const closed = bus.close();
    await expect(wait).rejects.toThrow(BusClosedError);
    expect(left()).toEqual(nothing);
    await closed;
  });

  it.each([
    ['off of its pattern', (bus: EventBus) => bus.off('a')],
    ['off of everything', (bus: EventBus) => bus.off()],
  ])('R6 rejects with UnsubscribedError after %s', async (_, off) => {
    const { bus, signal, left } = watchedBus();
    const wait = bus.waitFor('a', { timeoutMs: 1_000, signal });
    off(bus);
    const error = await wait.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsubscribedError);
    expect(error).toMatchObject({ code: 'UNSUBSCRIBED', message: expect.stringContaining('"a"') });
    expect(left()).toEqual(nothing);
  });

  it('R6 leaves nothing behind when its event has come', async () => {
    const { bus, signal, abort, left } = watchedBus();
    const wait = bus.waitFor('a', { timeoutMs: 1_000, signal });
    bus.emit('a', 1);
    expect(left()).toEqual(nothing);
    // What happens afterwards changes nothing.
    abort();
    bus.off();
    expect((await wait).data).toBe(1);
  });

  it('R6 shares one abort listener with all that a signal ends on its bus', async () => {
    const { bus, signal, abort, left } = watchedBus();
    const waits = ['a', 'b', 'c'].map((type) => bus.waitFor(type, { signal }));
    expect(left()).toMatchObject({ subscriptions: 3, abortListeners: 1 });
    bus.emit('b');
    expect(left()).toMatchObject({ subscriptions: 2, abortListeners: 1 });
    abort();
    expect(left()).toMatchObject({ subscriptions: 0, abortListeners: 0 });
    expect((await Promise.allSettled(waits)).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
    ]);
  });

  it('R6 is called waitFor where handlers are named', () => {
    const bus = createEventBus();
    const names: string[] = [];
    bus.inspect((told) => {
      if (told.kind === 'subscribed') names.push(told.handler.name);
    });
    void bus.waitFor('a');
    expect(names).toEqual(['waitFor']);
  });

  it('R6 sees an event that an observer emits while it subscribes', async () => {
    const { bus, left } = watchedBus();
    const stop = bus.inspect(({ kind }) => {
      if (kind !== 'subscribed') return;
      bus.emit('a', 1);
      bus.emit('a', 2);
    });
    const wait = bus.waitFor('a', { timeoutMs: 1_000 });
    stop();
    expect((await wait).data).toBe(1);
    expect(left()).toEqual(nothing);
  });

  it('R6 rejects when an observer closes the bus while it subscribes', async () => {
    const { bus, left } = watchedBus();
    bus.inspect(({ kind }) => {
      if (kind === 'subscribed') void bus.close();
    });
    await expect(bus.waitFor('a', { timeoutMs: 1_000 })).rejects.toThrow(BusClosedError);
    expect(left()).toEqual(nothing);
  });

  it('R6 in a handler resolves though the event it waits for is caused by that handler', async () => {
    const bus = createEventBus();
    bus.on('ask', async (_, delivery) => {
      const wait = bus.waitFor('answer');
      delivery.emit('answer', 42);
      return (await wait).data;
    });
    expect(await bus.emit('ask')).toMatchObject({ status: 'delivered', failures: [] });
  });

  it.each<[string, () => void, new (...args: never[]) => Error]>([
    ['a bad pattern', () => createEventBus().waitFor('a b'), InvalidPatternError],
    ['a reserved pattern', () => createEventBus().waitFor('$reply'), InvalidPatternError],
    [
      'a bad pattern and an aborted signal',
      () => createEventBus().waitFor('a b', { signal: AbortSignal.abort() }),
      InvalidPatternError,
    ],
    ['a filter that is none', () => createEventBus().waitFor('a', { filter: 1 as never }), InvalidOptionError],
    ['a negative time', () => createEventBus().waitFor('a', { timeoutMs: -1 }), InvalidOptionError],
    ['a time that is no number', () => createEventBus().waitFor('a', { timeoutMs: Number.NaN }), InvalidOptionError],
    ['a text for a time', () => createEventBus().waitFor('a', { timeoutMs: '5' as never }), InvalidOptionError],
  ])('D10 R6 throws at once for %s', (_, call, kind) => {
    expect(call).toThrow(kind);
  });

  it('D10 R6 throws at once on a closed bus, and names itself', async () => {
    const bus = createEventBus();
    await bus.close();
    expect(() => bus.waitFor('a')).toThrow(BusClosedError);
    expect(() => bus.waitFor('a')).toThrow(/waitFor/);
  });

  it('R6 gives the caller one promise: no other rejects unheard', async () => {
    const unheard: unknown[] = [];
    const listen = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    try {
      const { bus, signal, abort, elapse } = watchedBus();
      const waits = [
        bus.waitFor('a', { signal }),
        bus.waitFor('a', { timeoutMs: 1 }),
        bus.waitFor('a', { signal: AbortSignal.abort() }),
        bus.waitFor('b'),
      ];
      const settled = Promise.allSettled(waits);
      elapse();
      abort();
      bus.off('b');
      expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
      await reactions();
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});
