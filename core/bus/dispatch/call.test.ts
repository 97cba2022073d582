import { describe, expect, it, vi } from 'vitest';
import { BusClosedError, createEventBus, type Delivery, type Failure, HandlerTimeoutError } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

function timedBus() {
  const clock = new SimulatedClock();
  const failures: Failure[] = [];
  const bus = createEventBus({ clock, onError: (failure) => failures.push(failure) });
  return { bus, clock, failures };
}

const thenable = (then: unknown): unknown => Object.defineProperty({}, 'then', { value: then });

describe('timeoutMs', () => {
  it('F2 fails a call that takes longer, and lets lower priorities go on', async () => {
    const { bus, clock, failures } = timedBus();
    const below: number[] = [];
    const start = clock.now();
    bus.on('a', () => new Promise(() => {}), { name: 'slow', timeoutMs: 50, priority: 1 });
    bus.on('a', () => below.push(clock.now() - start));
    const emission = bus.emit('a');
    await clock.advance(49);
    expect(below).toEqual([]);
    await clock.advance(1);
    expect([below, clock.pending]).toEqual([[50], 0]);
    const { error } = failures[0] as Failure;
    expect(error).toBeInstanceOf(HandlerTimeoutError);
    expect((error as Error).message).toContain('The handler "slow" of "a" took longer than 50 ms');
    expect((await emission).failures).toMatchObject([{ error, attempts: 1 }]);
  });

  it('F2 aborts delivery.signal with the error as its reason, whenever that is looked at', async () => {
    const { bus, clock, failures } = timedBus();
    const reasons: unknown[] = [];
    let kept: Delivery | undefined;
    bus.on(
      'a',
      (_, delivery) => {
        kept = delivery;
        return new Promise((_ok, fail) => {
          delivery.signal.addEventListener('abort', () => {
            reasons.push(delivery.signal.reason);
            fail(new Error('too late to count'));
          });
        });
      },
      { timeoutMs: 50 },
    );
    const hang = (_: unknown, delivery: Delivery): unknown => {
      kept = delivery;
      return new Promise(() => {});
    };
    bus.on('b', hang, { timeoutMs: 50 });
    bus.emit('a');
    await clock.advance(50);
    expect(reasons).toEqual([failures[0]?.error]);
    expect([kept?.signal.aborted, failures.length]).toEqual([true, 1]);
    bus.emit('b');
    await clock.advance(50);
    expect([kept?.signal.aborted, kept?.signal.reason]).toEqual([true, failures[1]?.error]);
  });

  it.each<[string, (gate: Deferred<void>) => void]>([
    ['resolves', (gate) => gate.resolve()],
    ['rejects', (gate) => gate.reject(new Error('late'))],
  ])('F2 lets a call count no more that %s after it', async (_, settle) => {
    const { bus, clock, failures } = timedBus();
    const gate = deferred();
    const told: string[] = [];
    bus.on('a', () => gate.promise, { timeoutMs: 50 });
    const emission = bus.emit('a');
    await clock.advance(50);
    bus.inspect(({ kind }) => told.push(kind));
    const before = [bus.stats(), (await emission).failures.length];
    settle(gate);
    await reactions();
    expect([[bus.stats(), (await emission).failures.length], failures.length, told]).toEqual([before, 1, []]);
  });

  it('F2 leaves no timer behind a call that is in time, fails, or was synchronous', async () => {
    const { bus, clock } = timedBus();
    const gate = deferred();
    bus.on('a', () => gate.promise, { timeoutMs: 50 });
    bus.on('a', () => Promise.reject(new Error('no')), { timeoutMs: 50 });
    bus.on('a', () => {}, { timeoutMs: 50 });
    const emission = bus.emit('a');
    await reactions();
    expect(clock.pending).toBe(1);
    gate.resolve();
    expect([(await emission).failures.length, clock.pending]).toEqual([1, 0]);
  });

  it('F2 F1 begins anew with each attempt', async () => {
    const { bus, clock, failures } = timedBus();
    const signals: AbortSignal[] = [];
    const handler = (_: unknown, { signal }: Delivery): Promise<void> => {
      signals.push(signal);
      return signals.length < 3 ? new Promise(() => {}) : Promise.resolve();
    };
    bus.on('a', handler, { timeoutMs: 50, retry: { attempts: 3, delayMs: 10, factor: 1, jitter: 0 } });
    const emission = bus.emit('a');
    await clock.advance(119);
    expect(signals).toHaveLength(2);
    await clock.advance(1);
    expect([(await emission).failures, failures, clock.pending]).toEqual([[], [], 0]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  });

  it('F2 of zero gives a call no time, and of Infinity any, with no timer', async () => {
    const { bus, clock, failures } = timedBus();
    const setTimeout = vi.spyOn(clock, 'setTimeout');
    const gate = deferred();
    bus.on('a', () => gate.promise, { timeoutMs: Number.POSITIVE_INFINITY });
    bus.on('b', () => gate.promise, { timeoutMs: 0 });
    bus.emit('a');
    expect(setTimeout).not.toHaveBeenCalled();
    bus.emit('b');
    await clock.advance(0);
    expect(failures).toMatchObject([{ event: { type: 'b' }, error: { timeoutMs: 0 } }]);
  });

  it('F2 lets what hangs be unsubscribed, and the one after it be called', async () => {
    const { bus, clock } = timedBus();
    const begun: unknown[] = [];
    const handler = ({ data }: { readonly data: unknown }): unknown => begun.push(data) && new Promise(() => {});
    bus.on('a', handler, { timeoutMs: 50, concurrency: 1 });
    bus.emit('a', 1);
    bus.emit('a', 2);
    await clock.advance(50);
    expect(begun).toEqual([1, 2]);
    await clock.advance(50);
    expect([bus.stats().inFlight, clock.pending]).toEqual([0, 0]);
  });
});

describe('a supervised call', () => {
  const error = new Error('no');

  it.each<[string, () => unknown, unknown[]]>([
    ['a thenable that answers at once', () => thenable((ok: () => void) => ok()), []],
    [
      'a thenable that answers twice',
      () =>
        thenable((ok: () => void, no: (reason: unknown) => void) => {
          ok();
          ok();
          no(error);
        }),
      [],
    ],
    [
      'a thenable whose then throws',
      () =>
        thenable(() => {
          throw error;
        }),
      [error],
    ],
    [
      'an object whose then cannot be read',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw error;
          },
        }),
      [error],
    ],
    [
      'a promise behind a proxy that hides what it is',
      () =>
        new Proxy(Promise.resolve(), {
          getPrototypeOf: () => {
            throw error;
          },
        }),
      [expect.any(TypeError)],
    ],
    ['nothing', () => undefined, []],
  ])('D11 may return %s', async (_, returned, errors) => {
    for (const options of [{}, { timeoutMs: 50 }, { concurrency: 1 }]) {
      const { bus, clock } = timedBus();
      bus.on('a', returned, options);
      const { failures } = await bus.emit('a');
      expect(failures.map((failure) => failure.error)).toEqual(errors);
      await bus.idle();
      expect([clock.pending, bus.stats().inFlight]).toEqual([0, 0]);
    }
  });

  it('D11 may return its own delivery, at once or late', async () => {
    const { bus, clock } = timedBus();
    bus.on('a', (_, delivery) => delivery, { timeoutMs: 50 });
    bus.on('a', async (_, delivery) => delivery, { timeoutMs: 50 });
    expect((await bus.emit('a')).failures).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('is made with nothing but its arguments', async () => {
    const { bus } = timedBus();
    const seen: unknown[] = [];
    const handler = function (this: unknown, ...args: unknown[]): void {
      seen.push(this, args.length);
    };
    bus.on('a', handler);
    bus.on('a', handler, { concurrency: 1 });
    await bus.emit('a');
    expect(seen).toEqual([undefined, 2, undefined, 2]);
  });

  it('E3 emits and requests with its event as cause, also taken apart', async () => {
    const { bus } = timedBus();
    const causes: unknown[] = [];
    bus.respond('ask', (event) => event.causationId);
    bus.on('b', (event) => causes.push(event.causationId));
    bus.on(
      'a',
      async (_, { emit, request, node, attempt }) => {
        emit('b');
        causes.push(await request('ask'), node, attempt);
      },
      { concurrency: 1 },
    );
    const { event } = await bus.emit('a');
    expect(causes).toEqual([event.id, event.id, bus.nodeId, 1]);
  });
});

describe('delivery.signal', () => {
  it.each([{}, { concurrency: 1 }])(
    'D13 aborts when the bus closes and has waited long enough: %o',
    async (options) => {
      const { bus, clock } = timedBus();
      const signals: AbortSignal[] = [];
      const late: Delivery[] = [];
      bus.on('a', (_, delivery) => signals.push(delivery.signal) && new Promise(() => {}), options);
      bus.on('a', (_, delivery) => late.push(delivery) && new Promise(() => {}), options);
      bus.emit('a');
      const closed = bus.close({ timeoutMs: 100 });
      await clock.advance(99);
      expect(signals[0]?.aborted).toBe(false);
      await clock.advance(1);
      await closed;
      expect([signals[0]?.aborted, signals[0]?.reason]).toEqual([true, expect.any(BusClosedError)]);
      expect(late[0]?.signal.aborted).toBe(true);
    },
  );

  it('D13 does not abort when the call is over', async () => {
    const { bus, clock } = timedBus();
    const deliveries: Delivery[] = [];
    bus.on('a', (_, delivery) => void deliveries.push(delivery));
    bus.on('a', (_, delivery) => void (deliveries.push(delivery) && delivery.signal), { timeoutMs: 10 });
    await bus.emit('a');
    bus.on('b', () => new Promise(() => {}));
    bus.emit('b');
    const closed = bus.close({ timeoutMs: 100 });
    await clock.advance(100);
    await closed;
    expect(deliveries.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  });

  it('G8 keeps no time limit of a call that did not end in time', async () => {
    const { bus, clock, failures } = timedBus();
    bus.on('a', () => new Promise(() => {}), { timeoutMs: 60_000 });
    bus.emit('a');
    const closed = bus.close({ timeoutMs: 100 });
    await clock.advance(100);
    await closed;
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(failures).toEqual([]);
  });
});
