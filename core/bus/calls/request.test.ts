import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  createEventBus,
  type Failure,
  InvalidOptionError,
  NoResponderError,
  RequestTimeoutError,
  ResponderError,
} from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

/** A signal that counts its abort listeners. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const count = { listeners: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count.listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count.listeners--;
    removeEventListener.apply(signal, args);
  };
  return { controller, signal, count };
}

function askingBus(options: Parameters<typeof createEventBus>[0] = {}) {
  const clock = new SimulatedClock();
  const failures: Failure[] = [];
  const bus = createEventBus({ clock, onError: (failure) => failures.push(failure), ...options });
  return { bus, clock, failures };
}

/** What the promise rejects with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error,
  );

describe('a request', () => {
  it.each<[string, () => unknown, unknown]>([
    ['a value', () => 5, 5],
    ['undefined', () => undefined, undefined],
    ['null', () => null, null],
    ['a promise', () => Promise.resolve('later'), 'later'],
    ['a function', () => String, String],
  ])('R1 R5 resolves with what its responder returns, and leaves nothing behind: %s', async (_, responder, answer) => {
    const { bus, clock } = askingBus();
    const { signal, count } = countedSignal();
    const off = bus.respond('user.get', responder);
    const before = bus.subscriptions();
    expect(await bus.request('user.get', { id: 1 }, { signal })).toBe(answer);
    await bus.idle();
    expect([bus.subscriptions(), clock.pending, count.listeners]).toEqual([before, 0, 0]);
    off();
    expect([bus.subscriptions(), bus.stats()]).toMatchObject([[], { subscriptions: 0, inFlight: 0, queued: 0 }]);
  });

  it('R1 is an event like any other, which those see who do not respond', async () => {
    const { bus } = askingBus();
    const seen: unknown[] = [];
    bus.on('user.*', (event) => seen.push([event.type, event.data, event.priority, event.metadata]));
    bus.respond('user.get', ({ data }) => data);
    expect(await bus.request('user.get', 1, { priority: 3, metadata: { tenant: 'x' } })).toBe(1);
    expect(seen).toEqual([['user.get', 1, 3, { tenant: 'x' }]]);
  });

  it('R1 has a responder that handles events nobody waits for, too', async () => {
    const { bus, failures } = askingBus();
    const calls: unknown[] = [];
    bus.respond('a', ({ data }) => {
      calls.push(data);
      if (data === 2) throw new Error('no');
    });
    await bus.emit('a', 1);
    const { failures: own } = await bus.emit('a', 2);
    expect([calls, own.length, failures.length, (await bus.deadLetters.list()).length]).toEqual([[1, 2], 1, 1, 1]);
  });

  it('R1 takes the first answer, by priority and then by time, and waits for no other handler', async () => {
    const { bus } = askingBus();
    const [slow, slower] = [deferred<string>(), deferred<string>()];
    bus.respond('a', () => slower.promise);
    bus.respond('a', () => slow.promise);
    bus.on('a', () => new Promise(() => {}));
    const answer = bus.request('a');
    slow.resolve('slow');
    slower.resolve('slower');
    expect(await answer).toBe('slow');
    bus.respond('a', () => 'first', { priority: 1 });
    expect(await bus.request('a')).toBe('first');
  });

  it('R1 F1 waits for the attempts of its responder', async () => {
    const { bus, clock, failures } = askingBus();
    let calls = 0;
    const responder = (): string => {
      if (++calls < 3) throw new Error('not yet');
      return `call ${calls}`;
    };
    bus.respond('a', responder, { retry: { attempts: 3, delayMs: 10 } });
    const answer = bus.request('a');
    await clock.advance(1000);
    expect([await answer, failures]).toEqual(['call 3', []]);
  });

  it('R1 Q1 inside handlers cannot deadlock where one event may be in flight', async () => {
    const { bus } = askingBus({ queue: { concurrency: 1 } });
    const answers: unknown[] = [];
    bus.respond('inner', ({ data }) => reactions().then(() => data));
    bus.respond('outer', async (_, delivery) => [
      await delivery.request('inner', 1),
      await delivery.request('inner', 2),
    ]);
    bus.on('a', async (_, delivery) => answers.push(await delivery.request('outer')));
    await bus.emit('a');
    expect(answers).toEqual([[1, 2]]);
  });

  it('R1 E3 of a delivery is caused by its event', async () => {
    const { bus } = askingBus();
    bus.respond('b', (event) => [event.causationId, event.correlationId]);
    let answer: unknown;
    bus.on('a', async (_, { request }) => {
      answer = await request('b');
    });
    const { event } = await bus.emit('a', 1, { correlationId: 'chain' });
    expect(answer).toEqual([event.id, 'chain']);
  });

  it.each<[string, (bus: ReturnType<typeof createEventBus>) => void, string, object?]>([
    ['nobody subscribed', () => {}, 'nobody responds to "a"'],
    ['only others subscribed', (bus) => void bus.on('**', () => {}), 'nobody responds to "a"'],
    ['its responder was unsubscribed', (bus) => bus.respond('a', () => 1)(), 'nobody responds to "a"'],
    ['its responder’s filter refuses it', (bus) => void bus.respond('a', () => 1, { filter: () => false }), 'nobody'],
    [
      'it was cancelled before',
      (bus) => {
        bus.on('a', (event) => event.cancel(), { priority: 1, name: 'guard' });
        bus.respond('a', () => 1);
      },
      '"guard" cancelled it',
    ],
    [
      'it was vetoed',
      (bus) => {
        bus.use(() => {}, { name: 'guard' });
        bus.respond('a', () => 1);
      },
      '"guard" vetoed it',
    ],
  ])('R2 R5 rejects at once when %s', async (_, prepare, why) => {
    const { bus, clock } = askingBus();
    prepare(bus);
    const { signal, count } = countedSignal();
    const error = await errorOf(bus.request('a', 1, { signal }));
    expect(error).toBeInstanceOf(NoResponderError);
    expect([(error as Error).message, clock.pending, count.listeners]).toEqual([expect.stringContaining(why), 0, 0]);
  });

  it('R2 rejects when there was no room for it, and when it was too old', async () => {
    const { bus, clock } = askingBus({ queue: { concurrency: 1, maxSize: 1, overflow: 'dropOldest' } });
    const gate = deferred();
    bus.on('slow', () => gate.promise);
    bus.respond('a', () => 1);
    bus.emit('slow');
    const dropped = bus.request('a');
    const expired = bus.request('a', 1, { ttlMs: 10 });
    expect((await errorOf(dropped)) as Error).toMatchObject({
      code: 'NO_RESPONDER',
      message: expect.stringContaining('it was dropped'),
    });
    await clock.advance(11);
    gate.resolve();
    expect((await errorOf(expired)) as Error).toMatchObject({
      code: 'NO_RESPONDER',
      message: expect.stringContaining('older than its ttlMs'),
    });
    expect(clock.pending).toBe(0);
  });

  it('R2 R5 rejects after timeoutMs, 30,000 by default, and takes no answer then', async () => {
    const { bus, clock, failures } = askingBus();
    const gates = [deferred(), deferred()];
    let calls = 0;
    bus.respond('a', () => gates[calls++]?.promise);
    const { signal, count } = countedSignal();
    const [patient, hasty] = [
      errorOf(bus.request('a', 1, { signal })),
      errorOf(bus.request('a', 2, { timeoutMs: 10 })),
    ];
    await clock.advance(10);
    expect(await hasty).toEqual(new RequestTimeoutError('a', 10));
    await clock.advance(29_989);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect([await patient, clock.pending, count.listeners]).toEqual([new RequestTimeoutError('a', 30_000), 0, 0]);
    gates[0]?.resolve();
    gates[1]?.resolve();
    await bus.idle();
    expect(failures).toEqual([]);
  });

  it('R2 may wait for ever, with no timer', async () => {
    const { bus, clock } = askingBus();
    const gate = deferred<string>();
    bus.respond('a', () => gate.promise);
    const answer = bus.request('a', 1, { timeoutMs: Number.POSITIVE_INFINITY });
    expect(clock.pending).toBe(0);
    gate.resolve('at last');
    expect(await answer).toBe('at last');
  });

  it.each<[string, () => unknown, string, string]>([
    ['throws', () => expect.fail('no such user'), 'AssertionError', 'no such user'],
    ['rejects', () => Promise.reject(new TypeError('no')), 'TypeError', 'no'],
    ['throws what is no error', () => Promise.reject('text'), 'Error', 'text'],
    ['rejects with nothing', () => Promise.reject(), 'Error', 'undefined'],
  ])('R3 rejects with what can be said of the error when a responder %s', async (_, responder, name, message) => {
    const { bus, clock, failures } = askingBus();
    bus.respond('a', responder);
    const reported: unknown[] = [];
    bus.on('error.occurred', (event) => reported.push(event));
    const results: unknown[] = [];
    bus.inspect((one) => one.kind === 'settled' && results.push(one.failures));
    const error = (await errorOf(bus.request('a'))) as ResponderError;
    expect(error).toBeInstanceOf(ResponderError);
    expect([error.errorName, error.errorMessage, error.type]).toEqual([name, message, 'a']);
    expect(error.message).toContain(`${name}: ${message}`);
    await bus.idle();
    // It is the requester's to handle, and so is told nowhere else.
    expect([results, failures, reported, await bus.deadLetters.list(), clock.pending]).toEqual([[1], [], [], [], 0]);
  });

  it('R3 has the error itself as cause on the same node', async () => {
    const { bus } = askingBus();
    const cause = new TypeError('no');
    bus.respond('a', () => Promise.reject(cause));
    expect(await errorOf(bus.request('a'))).toMatchObject({ cause });
  });

  it('R3 reports the error of a responder when nobody waits for its answer any more', async () => {
    const { bus, clock, failures } = askingBus();
    const [late, gone] = [new Error('late'), new Error('gone')];
    bus.respond('a', () => 'first');
    bus.respond('a', () => Promise.reject(late));
    expect(await bus.request('a')).toBe('first');
    await bus.idle();
    expect(failures.map(({ error }) => error)).toEqual([late]);
    const gate = deferred();
    bus.respond('b', () => gate.promise.then(() => Promise.reject(gone)));
    const answer = errorOf(bus.request('b', undefined, { timeoutMs: 5 }));
    await clock.advance(5);
    expect(await answer).toBeInstanceOf(RequestTimeoutError);
    gate.resolve();
    await bus.idle();
    expect(failures.map(({ error }) => error)).toEqual([late, gone]);
    expect(await bus.deadLetters.list()).toHaveLength(2);
  });

  it('R3 F2 is told of a responder that took too long for its own limit', async () => {
    const { bus, clock } = askingBus();
    bus.respond('a', () => new Promise(() => {}), { timeoutMs: 10, name: 'slow' });
    const error = errorOf(bus.request('a'));
    await clock.advance(10);
    expect(await error).toMatchObject({ code: 'RESPONDER_FAILED', errorName: 'HandlerTimeoutError' });
  });

  it('R5 rejects with the reason of its signal, with one listener for each signal and bus', async () => {
    const { bus, clock } = askingBus();
    bus.respond('a', () => new Promise(() => {}));
    const { controller, signal, count } = countedSignal();
    const off = bus.on('b', () => {}, { signal });
    const errors = [1, 2, 3].map((data) => errorOf(bus.request('a', data, { signal })));
    expect([count.listeners, clock.pending]).toEqual([1, 3]);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await Promise.all(errors)).toEqual([reason, reason, reason]);
    expect([clock.pending, off.active, count.listeners]).toEqual([0, false, 0]);
  });

  it('R5 with a signal that has aborted rejects, and emits nothing', async () => {
    const { bus, clock } = askingBus();
    bus.respond('a', () => 1);
    const reason = new Error('enough');
    expect(await errorOf(bus.request('a', 1, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect([bus.stats().emitted, clock.pending]).toEqual([0, 0]);
  });

  it('R5 that is aborted by a handler of its own event rejects with the reason', async () => {
    const { bus, clock } = askingBus();
    const { controller, signal, count } = countedSignal();
    const reason = new Error('enough');
    bus.respond('a', () => {
      controller.abort(reason);
      return new Promise(() => {});
    });
    expect(await errorOf(bus.request('a', 1, { signal }))).toBe(reason);
    expect([clock.pending, count.listeners]).toEqual([0, 0]);
  });

  it('R5 G8 rejects with BusClosedError when the bus closes, whatever its responder is at', async () => {
    const { bus, clock } = askingBus();
    const { signal, count } = countedSignal();
    const retry = { attempts: 2, delayMs: 1000 };
    bus.respond('waits', () => new Promise(() => {}), { concurrency: 1 });
    bus.respond('again', () => Promise.reject(new Error('no')), { retry });
    const errors = ['waits', 'waits', 'again'].map((type) => errorOf(bus.request(type, 1, { signal })));
    await reactions();
    const closed = bus.close({ timeoutMs: 0 });
    expect(await Promise.all(errors)).toEqual([1, 2, 3].map(() => expect.any(BusClosedError)));
    await clock.advance(0);
    await closed;
    expect([clock.pending, count.listeners]).toEqual([0, 0]);
  });

  it('R5 G8 rejects, too, when a handler of its own event closes the bus', async () => {
    const { bus, clock } = askingBus();
    bus.respond('a', () => {
      void bus.close({ timeoutMs: 0 });
      return new Promise(() => {});
    });
    const error = errorOf(bus.request('a'));
    await clock.advance(0);
    expect(await error).toBeInstanceOf(BusClosedError);
    expect(clock.pending).toBe(0);
  });

  it('R5 of 10,000 leaves nothing of any of them', async () => {
    const { bus, clock } = askingBus();
    const { controller, signal, count } = countedSignal();
    bus.respond('answered', ({ data }) => data);
    bus.respond('open', () => new Promise(() => {}));
    const all: Promise<unknown>[] = [];
    for (let i = 0; i < 10_000; i++) {
      const type = ['answered', 'open', `nobody.${i}`][i % 3] as string;
      all.push(bus.request(type, i, { signal }).catch(() => {}));
    }
    await reactions();
    expect([clock.pending, count.listeners]).toEqual([3333, 1]);
    controller.abort();
    await Promise.all(all);
    expect([clock.pending, count.listeners, bus.subscriptions().length]).toEqual([0, 0, 2]);
  });

  it('D10 throws the mistakes of the caller at once, as emit does', async () => {
    const { bus } = askingBus();
    expect(() => bus.request('a b')).toThrow('is not an event type');
    expect(() => bus.request('a', 1, { timeoutMs: -1 })).toThrow(InvalidOptionError);
    expect(() => bus.request('a', 1, { timeoutMs: Number.NaN })).toThrow(InvalidOptionError);
    expect(() => bus.request('a', 1, { signal: {} as AbortSignal })).toThrow(InvalidOptionError);
    expect(() => bus.respond('a.*', () => 1)).toThrow('is not an event type');
    expect(() => bus.respond('a', 1 as never)).toThrow(InvalidOptionError);
    await bus.close();
    expect(() => bus.request('a')).toThrow(BusClosedError);
    expect(() => bus.respond('a', () => 1)).toThrow(BusClosedError);
  });
});
