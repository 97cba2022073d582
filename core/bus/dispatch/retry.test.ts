import { describe, expect, it, vi } from 'vitest';
import { createEventBus, type Failure, type OnOptions, type RetryOptions } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

const exactly = { jitter: 0, delayMs: 10 };

/** A subscription to `a` that fails the first `failing` times, and when it was called, in ms. */
function flaky(failing: number, options: OnOptions = {}, bus = retryBus()) {
  const { clock } = bus;
  const calls: number[] = [];
  const attempts: number[] = [];
  const start = clock.now();
  const off = bus.on(
    'a',
    (_, delivery) => {
      calls.push(clock.now() - start);
      attempts.push(delivery.attempt);
      if (calls.length <= failing) throw new Error(`failure ${calls.length}`);
    },
    { name: 'flaky', ...options },
  );
  return { bus, clock, calls, attempts, off };
}

function retryBus(retry?: RetryOptions) {
  const clock = new SimulatedClock();
  const failures: Failure[] = [];
  const bus = createEventBus({ clock, onError: (failure) => failures.push(failure), ...(retry && { retry }) });
  return Object.assign(bus, { clock, failures });
}

describe('retry', () => {
  it('F1 calls the failed handler again, and it alone, until it succeeds', async () => {
    const { bus, clock, calls, attempts } = flaky(2, { retry: { attempts: 5, ...exactly } });
    let others = 0;
    bus.on('a', () => others++);
    const emission = bus.emit('a');
    await clock.advance(1000);
    expect([calls, attempts, others]).toEqual([[0, 10, 30], [1, 2, 3], 1]);
    expect(await emission).toMatchObject({ delivered: 2, failures: [] });
    expect([bus.failures, bus.stats().retried, await bus.deadLetters.list(), clock.pending]).toEqual([[], 2, [], 0]);
  });

  it('F1 waits factor times longer each time, and no longer than maxDelayMs', async () => {
    const { bus, clock, calls } = flaky(9, {
      retry: { attempts: 6, delayMs: 10, factor: 3, maxDelayMs: 200, jitter: 0 },
    });
    bus.emit('a');
    await clock.advance(10_000);
    expect(calls).toEqual([0, 10, 40, 130, 330, 530]);
  });

  it('F1 shortens each wait by a random share of up to jitter', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { bus, clock, calls } = flaky(9, { retry: { attempts: 3, delayMs: 100, factor: 1, jitter: 0.4 } });
    bus.emit('a');
    await clock.advance(10_000);
    expect(calls).toEqual([0, 80, 160]);
    random.mockRestore();
  });

  it('F1 fails for good after the last of its attempts, which counts all calls', async () => {
    const { bus, clock, calls } = flaky(9, { retry: { attempts: 3, ...exactly } });
    const emission = bus.emit('a');
    await clock.advance(10_000);
    expect(calls).toHaveLength(3);
    const failure = { stage: 'handler', attempts: 3, error: { message: 'failure 3' }, handler: { name: 'flaky' } };
    expect([(await emission).failures, bus.failures]).toMatchObject([[failure], [failure]]);
    expect(await bus.deadLetters.list()).toMatchObject([{ attempts: 3, error: { message: 'failure 3' } }]);
  });

  it('F1 of one attempt is no retry, whatever the bus says', async () => {
    const { bus, clock, calls } = flaky(9, { retry: { attempts: 1 } }, retryBus({ attempts: 5 }));
    bus.emit('a');
    await clock.advance(100_000);
    expect(calls).toEqual([0]);
  });

  it('F1 is what the bus says for those that do not say', async () => {
    const { bus, clock, calls } = flaky(9, {}, retryBus({ attempts: 2, ...exactly }));
    bus.emit('a');
    await clock.advance(100_000);
    expect(calls).toEqual([0, 10]);
  });

  it('F1 may be given up by retryIf, which is told the error and the number of the call', async () => {
    const asked: unknown[] = [];
    const retryIf = (error: unknown, attempt: number): boolean => {
      asked.push([(error as Error).message, attempt]);
      return attempt < 2;
    };
    const { bus, clock, calls } = flaky(9, { retry: { attempts: 5, ...exactly, retryIf } });
    bus.emit('a');
    await clock.advance(10_000);
    expect(calls).toHaveLength(2);
    expect(asked).toEqual([
      ['failure 1', 1],
      ['failure 2', 2],
    ]);
  });

  it('F1 is given up by a retryIf that fails, and the error that counts is the handler’s', async () => {
    const retryIf = (): never => {
      throw new Error('retryIf itself');
    };
    const { bus, calls } = flaky(9, { retry: { attempts: 5, retryIf } });
    expect((await bus.emit('a')).failures).toMatchObject([{ error: { message: 'failure 1' } }]);
    expect(calls).toHaveLength(1);
  });

  it('F1 holds up lower priorities until the last attempt, and one after the other keeps its order', async () => {
    const { bus, clock, calls } = flaky(1, { priority: 1, concurrency: 1, retry: { attempts: 2, ...exactly } });
    const below: unknown[] = [];
    bus.on('a', ({ data }) => below.push([data, calls.length]));
    bus.emit('a', 1);
    bus.emit('a', 2);
    expect([calls, below]).toEqual([[0], []]);
    await clock.advance(10);
    expect([calls, below]).toEqual([
      [0, 10, 10],
      [
        [2, 3],
        [1, 3],
      ],
    ]);
  });

  it('F1 asks a filter once', async () => {
    let asked = 0;
    const filter = (): boolean => ++asked > 0;
    const { bus, clock, calls } = flaky(2, { filter, retry: { attempts: 3, ...exactly } });
    bus.emit('a');
    await clock.advance(1000);
    expect([asked, calls.length]).toEqual([1, 3]);
  });

  it('F1 D8 is for the one event of a once handler too, which is removed before its first call', async () => {
    const { bus, clock, calls, off } = flaky(2, { once: true, retry: { attempts: 3, ...exactly } });
    const [first] = [bus.emit('a'), bus.emit('a')];
    expect(off.active).toBe(false);
    await clock.advance(1000);
    expect([calls.length, (await first).failures, clock.pending]).toEqual([3, [], 0]);
  });

  it.each<[string, (parts: ReturnType<typeof flaky> & { controller: AbortController }) => unknown]>([
    ['unsubscribed', ({ off }) => off()],
    ['unsubscribed by off', ({ bus, off }) => bus.off(off.pattern)],
    ['aborted', ({ controller }) => controller.abort()],
    ['closed', ({ bus }) => bus.close()],
  ])('F1 D6 is given up when the handler is %s meanwhile', async (_, end) => {
    const controller = new AbortController();
    const parts = flaky(9, { signal: controller.signal, retry: { attempts: 3, ...exactly } });
    const { bus, clock, calls } = parts;
    const emission = bus.emit('a');
    end({ ...parts, controller });
    expect((await emission).failures).toMatchObject([{ error: { message: 'failure 1' }, attempts: 1 }]);
    await reactions();
    expect([calls, clock.pending]).toEqual([[0], 0]);
    expect(await bus.deadLetters.list()).toMatchObject([{ attempts: 1 }]);
    await clock.advance(10_000);
    expect(calls).toEqual([0]);
  });

  it.each<[string, (parts: ReturnType<typeof flaky> & { controller: AbortController }) => unknown]>([
    ['its handle is called', ({ off }) => off()],
    ['its signal aborts', ({ controller }) => controller.abort()],
    ['the bus closes', ({ bus }) => bus.close()],
  ])('F1 D6 of a once handler is given up when %s', async (_, end) => {
    const controller = new AbortController();
    const parts = flaky(9, { once: true, signal: controller.signal, retry: { attempts: 3, ...exactly } });
    const { bus, clock, calls } = parts;
    bus.emit('a');
    end({ ...parts, controller });
    await clock.advance(10_000);
    expect([calls, clock.pending, (await bus.deadLetters.list()).length]).toEqual([[0], 0, 1]);
  });

  it('F1 D4 is given up when the event is cancelled meanwhile', async () => {
    const { bus, clock, calls } = flaky(9, { retry: { attempts: 3, ...exactly } });
    const emission = bus.emit('a');
    emission.event.cancel();
    await clock.advance(10);
    expect([calls, clock.pending, (await emission).status]).toEqual([[0], 0, 'cancelled']);
  });

  it('F1 goes on while the subscription is drained', async () => {
    const { clock, calls, off, bus } = flaky(1, { retry: { attempts: 2, ...exactly } });
    bus.emit('a');
    const drain = off.drain();
    await clock.advance(10);
    await drain;
    expect(calls).toEqual([0, 10]);
  });

  it.each<[string, (parts: { bus: ReturnType<typeof retryBus>; off: () => void; cancel: () => void }) => void]>([
    ['unsubscribes', ({ off }) => off()],
    ['cancels', ({ cancel }) => cancel()],
    ['closes the bus', ({ bus }) => void bus.close()],
  ])('F1 is not made by a retryIf or an observer that %s', async (_, act) => {
    for (const where of ['retryIf', 'handlerSettled', 'retried'] as const) {
      const bus = retryBus();
      let calls = 0;
      let cancel: () => void = () => {};
      const here = (place: string): boolean => {
        if (place === where) act({ bus, off, cancel });
        return true;
      };
      const off = bus.on(
        'a',
        (event) => {
          calls++;
          cancel = () => event.cancel();
          throw new Error('no');
        },
        { retry: { attempts: 3, ...exactly, retryIf: () => here('retryIf') } },
      );
      bus.inspect(({ kind }) => void here(kind));
      const emission = bus.emit('a');
      expect([where, (await emission).failures.length]).toEqual([where, 1]);
      await reactions();
      expect([where, bus.clock.pending]).toEqual([where, 0]);
      await bus.clock.advance(1000);
      expect([where, calls]).toEqual([where, 1]);
    }
  });

  it('F1 is made 100,000 times without a deep stack or a wait that grows to no number', async () => {
    const timers: (() => void)[] = [];
    const delays = new Set<number>();
    const setTimeout = (run: () => void, delayMs: number): void => {
      delays.add(delayMs);
      timers.push(run);
    };
    const clock = { now: () => 0, precise: () => 0, setTimeout, clearTimeout: () => {} };
    const bus = createEventBus({ clock, onError: () => {} });
    let calls = 0;
    const handler = (): never => {
      calls++;
      throw new Error('no');
    };
    bus.on('a', handler, { retry: { attempts: 100_000, delayMs: 0 } });
    const emission = bus.emit('a');
    for (let run = timers.pop(); run !== undefined; run = timers.pop()) run();
    expect([calls, (await emission).failures.length, [...delays]]).toEqual([100_000, 1, [0]]);
  });

  it('F1 comes to an end with a clock that calls at once', async () => {
    const clock = { now: () => 0, precise: () => 0, setTimeout: (run: () => void) => run(), clearTimeout: () => {} };
    const bus = createEventBus({ clock, onError: () => {} });
    let calls = 0;
    const off = bus.on('a', () => calls++ < 2 && Promise.reject(new Error('no')), { retry: { attempts: 5 } });
    expect((await bus.emit('a')).failures).toEqual([]);
    await bus.idle();
    off();
    expect(calls).toBe(3);
  });

  it('F1 waits for a promise, and takes what comes of it once', async () => {
    const { bus, clock, calls } = flaky(0);
    const gate = deferred();
    bus.on('b', () => gate.promise, { retry: { attempts: 2, ...exactly } });
    const emission = bus.emit('b');
    gate.reject(new Error('late'));
    await clock.advance(0);
    expect(clock.pending).toBe(1);
    await clock.advance(10);
    expect([(await emission).failures.length, calls]).toEqual([1, []]);
  });

  it.each<[string, unknown]>([
    ['retry', null],
    ['retry', 3],
    ['retry.attempts', { attempts: 0 }],
    ['retry.attempts', { attempts: Number.NaN }],
    ['retry.delayMs', { attempts: 2, delayMs: -1 }],
    ['retry.delayMs', { attempts: 2, delayMs: Number.NaN }],
    ['retry.maxDelayMs', { attempts: 2, maxDelayMs: '5' }],
    ['retry.factor', { attempts: 2, factor: 0.5 }],
    ['retry.factor', { attempts: 2, factor: Number.NaN }],
    ['retry.factor', { attempts: 2, factor: '2' }],
    ['retry.jitter', { attempts: 2, jitter: 1.1 }],
    ['retry.jitter', { attempts: 2, jitter: -0.1 }],
    ['retry.retryIf', { attempts: 2, retryIf: true }],
  ])('D10 %s cannot be what is in %o, of a subscription or of the bus', (option, retry) => {
    const refusal = expect.objectContaining({ name: 'InvalidOptionError', option });
    expect(() => createEventBus({ retry: retry as RetryOptions })).toThrow(refusal);
    expect(() => createEventBus().on('a', () => {}, { retry: retry as RetryOptions })).toThrow(refusal);
  });
});
