import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  type Clock,
  createEventBus,
  type EventStore,
  IdleTimeoutError,
  InvalidEventTypeError,
  InvalidOptionError,
  systemClock,
} from '../index.js';
import { deferred, reactions } from './deferred.test.kit.js';

/** A clock whose timers fire when a test says so. */
function timerClock(): { clock: Clock; timers: Map<object, { run: () => void; delayMs: number }> } {
  const timers = new Map<object, { run: () => void; delayMs: number }>();
  const clock: Clock = {
    ...systemClock,
    setTimeout(run, delayMs) {
      const timer = {};
      timers.set(timer, { run, delayMs });
      return timer;
    },
    clearTimeout: (timer) => void timers.delete(timer as object),
  };
  return { clock, timers };
}

describe('a bus', () => {
  it('counts what it has emitted, what failed and what is in flight', async () => {
    const bus = createEventBus({ onError: () => {} });
    const gate = deferred();
    bus.on('a', () => gate.promise);
    bus.on('b', () => Promise.reject(new Error('no')));
    const emission = bus.emit('a');
    await bus.emit('b');
    bus.emit('nobody.hears');
    // The fourth says that a handler has failed (F4).
    expect(bus.stats()).toMatchObject({ emitted: 4, received: 0, dropped: 0, failures: 1, inFlight: 1 });
    gate.resolve();
    await emission;
    expect(bus.stats().inFlight).toBe(0);
  });

  it('has a node id of its own, always the same', () => {
    const bus = createEventBus();
    expect(bus.nodeId).toMatch(/^[0-9a-f-]{36}$/);
    expect([bus.nodeId, bus.nodes]).toEqual([bus.nodeId, []]);
    expect(createEventBus().nodeId).not.toBe(bus.nodeId);
  });

  it('carries 100,000 events to exact, wildcard and asynchronous handlers', async () => {
    const bus = createEventBus();
    const counts = { exact: 0, wildcard: 0, nested: 0, async: 0 };
    bus.on('n.0', () => counts.exact++);
    bus.on('n.*', () => counts.wildcard++);
    bus.on('n.**', (event) => {
      if (Number(event.data) % 10 === 0) bus.emit('nested', event.data);
    });
    bus.on('nested', () => counts.nested++);
    bus.on('n.1', async () => counts.async++);
    for (let i = 0; i < 100_000; i++) bus.emit(`n.${i % 50}`, i);
    await bus.idle();
    expect(counts).toEqual({ exact: 2000, wildcard: 100_000, nested: 10_000, async: 2000 });
    expect(bus.stats()).toMatchObject({ emitted: 110_000, failures: 0, inFlight: 0 });
  });

  it('D10 throws the mistakes of a caller at once, and goes on', () => {
    const bus = createEventBus();
    let calls = 0;
    bus.on('a', () => calls++);
    expect(() => bus.emit('a..b')).toThrow(InvalidEventTypeError);
    expect(() => bus.emit(undefined as never)).toThrow(InvalidEventTypeError);
    expect(() => bus.emit(null as never)).toThrow(InvalidEventTypeError);
    expect(() => bus.inspect('observer' as never)).toThrow(InvalidOptionError);
    bus.emit('a');
    expect(calls).toBe(1);
  });

  it('D10 throws inside a handler at the handler, whose failure it becomes', async () => {
    const bus = createEventBus({ onError: () => {} });
    bus.on('a', () => bus.emit('not a type'));
    expect((await bus.emit('a')).failures).toMatchObject([{ error: expect.any(InvalidEventTypeError) }]);
  });
});

describe('idle', () => {
  it('resolves at once when nothing is under way', async () => {
    await createEventBus().idle();
  });

  it('counts an event once, however many of its handlers are running', async () => {
    const bus = createEventBus();
    const gate = deferred();
    for (let i = 0; i < 3; i++) bus.on('a', () => gate.promise, { priority: Math.min(i, 1) });
    bus.emit('a');
    expect(bus.stats().inFlight).toBe(1);
    gate.resolve();
    await bus.idle();
    expect(bus.stats().inFlight).toBe(0);
  });

  it('waits for handlers, and for those of the events they emit', async () => {
    const bus = createEventBus();
    const [first, second] = [deferred(), deferred()];
    bus.on('a', async () => {
      await first.promise;
      bus.emit('b');
    });
    bus.on('b', () => second.promise);
    bus.emit('a');
    let idle = false;
    const wait = bus.idle().then(() => {
      idle = true;
    });
    await reactions();
    first.resolve();
    await reactions();
    expect(idle).toBe(false);
    second.resolve();
    await wait;
    expect(bus.stats().inFlight).toBe(0);
  });

  it('waits also for what is emitted as soon as an emission has settled', async () => {
    const bus = createEventBus();
    const [first, second] = [deferred(), deferred()];
    bus.on('a', () => first.promise);
    bus.on('b', () => second.promise);
    const wait = bus.idle().then(() => bus.stats());
    void bus.emit('a').then(() => bus.emit('b'));
    await reactions();
    first.resolve();
    await reactions();
    second.resolve();
    expect(await wait).toMatchObject({ emitted: 2, inFlight: 0 });
  });

  it('has a time, after which it is an error that says what is in flight', async () => {
    const { clock, timers } = timerClock();
    const bus = createEventBus({ clock });
    bus.on('a', () => new Promise(() => {}));
    bus.emit('a');
    bus.emit('a');
    const wait = bus.idle({ timeoutMs: 250 });
    await reactions();
    const [timer] = [...timers.values()];
    expect(timer?.delayMs).toBe(250);
    timer?.run();
    const error = await wait.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IdleTimeoutError);
    expect(error).toMatchObject({ timeoutMs: 250, message: expect.stringContaining('2 events are in flight') });
    expect(timers.size).toBe(0);
  });

  it('leaves no timer behind when it is in time', async () => {
    const { clock, timers } = timerClock();
    await createEventBus({ clock }).idle({ timeoutMs: 250 });
    expect(timers.size).toBe(0);
  });
});

describe('close', () => {
  it('ends every subscription and refuses what comes after', async () => {
    const bus = createEventBus();
    const handles = ['a', 'a.*', '**'].map((pattern) => bus.on(pattern, () => {}));
    await bus.close();
    expect(handles.map(({ active }) => active)).toEqual([false, false, false]);
    expect(() => bus.emit('a')).toThrow(BusClosedError);
    expect(() => bus.emit({ type: 'a', data: 1 })).toThrow(BusClosedError);
    expect(() => bus.on('a', () => {})).toThrow(BusClosedError);
    expect(() => bus.once('a', () => {})).toThrow(BusClosedError);
    for (const off of handles) off();
    bus.off();
    await bus.idle();
  });

  it('may be called again, and by asynchronous disposal', async () => {
    const bus = createEventBus();
    const first = bus.close();
    expect(bus.close()).toBe(first);
    await bus[Symbol.asyncDispose]();
  });

  it('drops events that wait, and says so to those who emitted them', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    const emissions: PromiseLike<{ status: string; delivered: number }>[] = [];
    bus.on('a', () => {
      emissions.push(bus.emit('b'), bus.emit('b'));
      void bus.close();
      calls.push('a');
    });
    bus.on('a', () => calls.push('later'));
    bus.on('b', () => calls.push('b'));
    const own = await bus.emit('a');
    expect(calls).toEqual(['a']);
    expect(own).toMatchObject({ status: 'delivered', delivered: 1 });
    expect((await Promise.all(emissions)).map(({ status, delivered }) => [status, delivered])).toEqual([
      ['dropped', 0],
      ['dropped', 0],
    ]);
  });

  it('drops an event whose commit it has to wait for', async () => {
    const commit = deferred();
    const store: EventStore = {
      name: 'slow',
      id: 'slow',
      caps: { persistent: false, shared: false },
      append: async (records) => {
        await commit.promise;
        return records.map((_, offset) => ({ store: 'slow', offset }));
      },
      read: async function* () {},
      close: async () => {},
    };
    const bus = createEventBus({ store, durability: 'strict' });
    let calls = 0;
    bus.on('a', () => calls++);
    const emission = bus.emit('a');
    const closed = bus.close();
    commit.resolve();
    await closed;
    expect([(await emission).status, await emission.persisted, calls]).toEqual([
      'dropped',
      { store: 'slow', offset: 0 },
      0,
    ]);
    await bus.idle();
  });

  it('lets running handlers end, and runs no lower priority after them', async () => {
    const bus = createEventBus();
    const gate = deferred();
    const calls: string[] = [];
    bus.on(
      'a',
      async (_, delivery) => {
        await gate.promise;
        expect(() => delivery.emit('b')).toThrow(BusClosedError);
        calls.push('ended');
      },
      { priority: 1 },
    );
    bus.on('a', () => calls.push('lower'));
    const emission = bus.emit('a');
    const closing = bus.close();
    gate.resolve();
    expect(await emission).toMatchObject({ delivered: 1, failures: [] });
    await closing;
    expect(calls).toEqual(['ended']);
  });
});
