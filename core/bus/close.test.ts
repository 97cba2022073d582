import { describe, expect, it, vi } from 'vitest';
import { BusClosedError, createEventBus, type EventStore, type Failure, IdleTimeoutError } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { SimulatedClock } from '../testing/index.js';
import { recordFrom, Wire } from './border/wire.test.fixture.js';
import { deferred, reactions } from './deferred.test.kit.js';

function closingBus(options: Parameters<typeof createEventBus>[0] = {}) {
  const clock = new SimulatedClock();
  const failures: Failure[] = [];
  const bus = createEventBus({ clock, onError: (failure) => failures.push(failure), ...options });
  return { bus, clock, failures };
}

describe('close', () => {
  it('G8 refuses whatever comes after, with a BusClosedError', async () => {
    const { bus } = closingBus();
    const closed = bus.close();
    const calls: (() => unknown)[] = [
      () => bus.emit('a'),
      () => bus.emit({ type: 'a', data: 1 }),
      () => bus.on('a', () => {}),
      () => bus.once('a', () => {}),
      () => bus.respond('a', () => {}),
      () => bus.request('a'),
      () => bus.waitFor('a'),
      () => bus.stream('a'),
      () => bus.use(() => {}),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(BusClosedError);
    await closed;
    for (const call of calls) expect(call, String(call)).toThrow(BusClosedError);
    expect(bus.stats()).toMatchObject({ emitted: 0, subscriptions: 0, inFlight: 0, queued: 0 });
  });

  it('G8 gives calls 5,000 ms, or what it is told, and aborts them then', async () => {
    for (const [options, ms] of [
      [undefined, 5000],
      [{ timeoutMs: 70 }, 70],
      [{ timeoutMs: 0 }, 0],
    ] as const) {
      const { bus, clock } = closingBus();
      const aborted: number[] = [];
      const start = clock.now();
      bus.on('a', (_, { signal }) => {
        signal.addEventListener('abort', () => aborted.push(clock.now() - start));
        return new Promise(() => {});
      });
      bus.emit('a');
      const closed = bus.close(options);
      await clock.advance(10_000);
      await closed;
      expect([aborted, clock.pending]).toEqual([[ms], 0]);
    }
  });

  it('G8 may wait for ever, without a timer', async () => {
    const { bus, clock } = closingBus();
    const gate = deferred();
    bus.on('a', () => gate.promise);
    bus.emit('a');
    const closed = bus.close({ timeoutMs: Number.POSITIVE_INFINITY });
    expect(clock.pending).toBe(0);
    gate.resolve();
    await closed;
  });

  it.each([-1, Number.NaN, '5'])('D10 refuses to wait %j', async (timeoutMs) => {
    const { bus } = closingBus();
    expect(() => bus.close({ timeoutMs: timeoutMs as number })).toThrow('timeoutMs is');
    expect(() => bus.idle({ timeoutMs: timeoutMs as number })).toThrow('timeoutMs is');
    expect(bus.emit('a').event.type).toBe('a');
    await bus.close();
  });

  it('G8 calls nobody while it ends subscriptions: no lower priority, no next in line, no retry', async () => {
    const { bus, clock } = closingBus();
    const calls: unknown[] = [];
    const hang = ({ data }: { readonly data: unknown }): Promise<never> => {
      calls.push(data);
      return new Promise(() => {});
    };
    bus.on('line', hang, { priority: 1, concurrency: 1 });
    bus.on('again', () => Promise.reject(new Error('no')), { priority: 1, retry: { attempts: 2, delayMs: 1000 } });
    bus.on('**', ({ data }) => calls.push(`below ${data}`));
    const emissions = [bus.emit('line', 'first'), bus.emit('line', 'second'), bus.emit('again', 'again')];
    await reactions();
    const closed = bus.close({ timeoutMs: 10 });
    expect((await Promise.all(emissions.slice(1))).map(({ delivered }) => delivered)).toEqual([0, 1]);
    await clock.advance(100_000);
    await closed;
    expect([calls, clock.pending]).toEqual([['first'], 0]);
    expect(await bus.deadLetters.list()).toMatchObject([{ event: { type: 'again' }, attempts: 1 }]);
  });

  it('G8 lets no middleware go on, nor an event that waits for a schema', async () => {
    const gate = deferred();
    const validate = async (value: unknown) => gate.promise.then(() => ({ value }));
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const { bus } = closingBus({ schemas: { checked: schema } });
    const calls: string[] = [];
    bus.use(async (event, next) => {
      calls.push(`outer ${event.type}`);
      await gate.promise;
      return next();
    });
    bus.use((_, next) => calls.push('inner') && next());
    bus.on('**', () => calls.push('handler'));
    const emissions = [bus.emit('a'), bus.emit('checked')];
    const closed = bus.close();
    gate.resolve();
    await closed;
    expect((await Promise.all(emissions)).map(({ status }) => status)).toEqual(['dropped', 'dropped']);
    expect(calls).toEqual(['outer a']);
  });

  it('G8 stores and sends what is pending, says bye, and lets go of store and transports', async () => {
    const wire = new Wire();
    const store = memoryStore();
    const close = vi.spyOn(store, 'close');
    const { bus } = closingBus({ store, transports: [wire.transport()] });
    const { persisted } = bus.emit('a', 1);
    bus.emit('b', 2);
    await bus.close();
    expect((await persisted)?.offset).toBeGreaterThan(0);
    expect(wire.messages.flat().map(({ type }) => type)).toEqual(['$hello', 'a', 'b', '$bye']);
    expect(close).toHaveBeenCalledTimes(1);
    wire.inject([recordFrom('other', 1)]);
    expect(bus.stats()).toMatchObject({ received: 0, dropped: 0 });
  });

  it('G8 rejects requests and waits with BusClosedError, and ends streams', async () => {
    const { bus, clock } = closingBus();
    bus.respond('ask', () => new Promise(() => {}));
    const [request, wait] = [bus.request('ask'), bus.waitFor('a', { timeoutMs: 1000 })];
    const stream = bus.stream('a');
    const next = stream.next();
    const settled = Promise.allSettled([request, wait, next]);
    const closed = bus.close({ timeoutMs: 0 });
    await clock.advance(0);
    await closed;
    expect(await settled).toEqual([
      { status: 'rejected', reason: expect.any(BusClosedError) },
      { status: 'rejected', reason: expect.any(BusClosedError) },
      { status: 'fulfilled', value: { done: true, value: undefined } },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('G8 leaves no timer of records that are missed, nor of a node that has left', async () => {
    const store: EventStore = {
      ...memoryStore(),
      caps: { persistent: true, shared: true },
      append: async () => [],
      read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
      close: async () => {},
    };
    const wire = new Wire();
    const { bus, clock } = closingBus({ store, transports: [wire.transport()] });
    let calls = 0;
    bus.on('**', () => calls++);
    wire.inject([recordFrom('other', 1)]);
    wire.inject([recordFrom('other', 5)]);
    wire.inject([recordFrom('other', 9, { type: '$bye' })]);
    await reactions();
    expect(clock.pending).toBe(2);
    await bus.close();
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(calls).toBe(1);
  });

  it('G8 tells observers nothing afterwards, and reports what a call that was given up still says', async () => {
    const { bus, clock, failures } = closingBus();
    const gate = deferred();
    const told: string[] = [];
    bus.inspect(({ kind }) => told.push(kind));
    const below = vi.fn();
    bus.on('a', () => gate.promise, { priority: 1 });
    bus.on('a', below);
    const emission = bus.emit('a');
    const closed = bus.close({ timeoutMs: 0 });
    await clock.advance(0);
    await closed;
    told.length = 0;
    gate.reject(new Error('late'));
    expect((await emission).failures).toMatchObject([{ error: { message: 'late' } }]);
    expect([told, failures.length, below.mock.calls.length, bus.stats().inFlight]).toEqual([[], 1, 0, 0]);
  });

  it('G8 may be awaited in a handler, which then runs out of time like any', async () => {
    const { bus, clock } = closingBus();
    const log: string[] = [];
    bus.on('a', async (_, { signal }) => {
      signal.addEventListener('abort', () => log.push('aborted'));
      await bus.close({ timeoutMs: 100 });
      log.push('closed');
    });
    const emission = bus.emit('a');
    await clock.advance(100);
    await emission;
    expect(log).toEqual(['aborted', 'closed']);
  });

  it.each<
    [
      string,
      (close: () => undefined) => Parameters<typeof createEventBus>[0],
      (bus: ReturnType<typeof createEventBus>, close: () => undefined) => unknown,
    ]
  >([
    [
      'a filter',
      () => ({}),
      (bus, close) => bus.on('a', () => expect.fail('called'), { filter: () => close() === undefined }),
    ],
    ['a middleware', () => ({}), (bus, close) => bus.use((_, next) => close() ?? next())],
    ['a handler', () => ({}), (bus, close) => bus.on('a', close)],
    ['an observer', () => ({}), (bus, close) => bus.inspect(({ kind }) => kind === 'emitted' && close())],
    ['createId', (close) => ({ createId: () => close() ?? 'id' }), (bus) => bus.on('a', (event) => event.id)],
    ['a responder', () => ({}), (bus, close) => bus.respond('a', close)],
    [
      'a schema',
      (close) => ({
        schemas: { a: { '~standard': { version: 1, vendor: 'test', validate: (value) => close() ?? { value } } } },
      }),
      (bus) => bus.on('a', () => expect.fail('called')),
    ],
  ])('G8 may be called by %s', async (_, options, use) => {
    const close = (): undefined => void bus.close();
    const { bus, clock, failures } = closingBus(options(close));
    let later = 0;
    use(bus, close);
    bus.on('a', () => later++, { priority: -1 });
    const { status } = await bus.emit('a');
    expect(['delivered', 'dropped']).toContain(status);
    await bus.close();
    expect([later, clock.pending, failures, bus.stats().inFlight]).toEqual([0, 0, [], 0]);
  });
});

describe('idle', () => {
  it('G8 waits for retries, lines, requests, commits and middleware', async () => {
    const { bus, clock } = closingBus({ store: memoryStore(), durability: 'strict' });
    const log: string[] = [];
    let fail = true;
    bus.use((_, next) => Promise.resolve().then(() => next()));
    bus.on(
      'again',
      () => {
        if (fail) throw new Error('no');
        log.push('again');
      },
      { retry: { attempts: 2, delayMs: 1000, jitter: 0 } },
    );
    bus.on('line', () => Promise.resolve().then(() => log.push('line')), { concurrency: 1 });
    for (const type of ['again', 'line', 'line']) bus.emit(type);
    const idle = bus.idle().then(() => log.push('idle'));
    await clock.advance(0);
    expect(log).toEqual(['line', 'line']);
    fail = false;
    await clock.advance(1000);
    await idle;
    expect([log, clock.pending]).toEqual([['line', 'line', 'again', 'idle'], 0]);
  });

  it('G8 rejects with an IdleTimeoutError after timeoutMs, and leaves the work alone', async () => {
    const { bus, clock } = closingBus();
    const gate = deferred();
    bus.on('a', () => gate.promise);
    const emission = bus.emit('a');
    const idle = bus.idle({ timeoutMs: 100 }).catch((error: unknown) => error);
    await clock.advance(100);
    expect([await idle, clock.pending]).toEqual([expect.any(IdleTimeoutError), 0]);
    gate.resolve();
    expect((await emission).status).toBe('delivered');
  });
});
