import { afterEach, describe, expect, it, vi } from 'vitest';
import { Wire } from '../bus/border/wire.test.fixture.js';
import { type EventBus, InvalidPatternError, systemClock } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus } from './create-test-event-bus.js';
import { SimulatedClock } from './simulated-clock.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.removed': { userId: string };
  'mail.sent': { to: string };
  ping: undefined;
}

/** Code under test: it knows nothing of tests. */
function startMailer(bus: EventBus<AppEvents>): void {
  bus.on('user.created', async (event, delivery) => {
    await Promise.resolve();
    delivery.emit('mail.sent', { to: event.data.userId });
  });
}

const types = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a test bus', () => {
  it('shows what was emitted on it, in order, by handlers too', async () => {
    const bus = createTestEventBus<AppEvents>();
    startMailer(bus);
    bus.emit('user.created', { userId: '1' });
    bus.emit('ping');
    await bus.processEvents();
    expect(types(bus.emitted)).toEqual(['user.created', 'ping', 'mail.sent']);
    expect(bus.emitted[2]).toMatchObject({ data: { to: '1' }, causationId: bus.emitted[0]?.id });
  });

  it('shows events that were cancelled or that nobody heard', async () => {
    const bus = createTestEventBus<AppEvents>();
    bus.on('user.*', (event) => event.cancel('no'));
    bus.emit('user.created', { userId: '1' });
    bus.emit('ping');
    expect(types(bus.emitted)).toEqual(['user.created', 'ping']);
    expect(bus.emitted[0]).toMatchObject({ cancelled: true, cancelReason: 'no' });
    expect(bus.emitted[0]).not.toHaveProperty('cancel');
  });

  it('shows events as middleware left them, and none that it vetoed', async () => {
    const bus = createTestEventBus<AppEvents>();
    bus.use((event, next) => (event.type === 'ping' ? undefined : next({ data: { userId: 'other' } })));
    bus.emit('ping');
    bus.emit('user.created', { userId: '1' });
    await bus.processEvents();
    expect(bus.emitted).toMatchObject([{ type: 'user.created', data: { userId: 'other' } }]);
  });

  it('gives the events of a pattern, typed by it', async () => {
    const bus = createTestEventBus<AppEvents>();
    startMailer(bus);
    bus.emit('user.created', { userId: '1' });
    bus.emit('user.removed', { userId: '2' });
    await bus.processEvents();
    expect(bus.emittedOf('user.*').map(({ data }) => data.userId)).toEqual(['1', '2']);
    expect(bus.emittedOf(['mail.*', 'user.removed']).map(({ type }) => type)).toEqual(['user.removed', 'mail.sent']);
    expect(bus.emittedOf('mail.sent').map(({ data }) => data.to)).toEqual(['1']);
    expect(() => bus.emittedOf('mail*')).toThrow(InvalidPatternError);
  });

  it('keeps failures, counts them, tells onError, and leaves the console alone', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const onError = vi.fn();
    const bus = createTestEventBus<AppEvents>({ onError });
    const error = new Error('no');
    bus.on('ping', () => Promise.reject(error), { name: 'pinged' });
    bus.emit('ping');
    expect(bus.getErrorCount()).toBe(0);
    await bus.processEvents();
    expect(bus.getErrorCount()).toBe(1);
    expect(bus.failures).toMatchObject([{ stage: 'handler', error, handler: { name: 'pinged' } }]);
    expect(onError.mock.calls).toEqual([[bus.failures[0]]]);
    expect(written).not.toHaveBeenCalled();
  });

  it('contains an onError that fails later', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const bus = createTestEventBus({ onError: () => Promise.reject(new Error('mend me')) as unknown as undefined });
    bus.on('ping', () => {
      throw new Error('no');
    });
    bus.emit('ping');
    await bus.processEvents();
    expect(written).toHaveBeenCalledOnce();
  });

  it('stands at a time that only the test moves', async () => {
    const bus = createTestEventBus<AppEvents>();
    bus.emit('ping');
    await bus.clock.advance(1_500);
    bus.emit('ping');
    expect(bus.emitted.map(({ timestamp }) => new Date(timestamp).toISOString())).toEqual([
      '2020-01-01T00:00:00.000Z',
      '2020-01-01T00:00:01.500Z',
    ]);
    const clock = new SimulatedClock({ startAt: 7 });
    expect(createTestEventBus({ clock }).clock).toBe(clock);
  });

  it('makes ids that count, the same in every run, and sort in order of emission', async () => {
    const run = async (): Promise<string[]> => {
      const bus = createTestEventBus<AppEvents>();
      startMailer(bus);
      bus.emit('user.created', { userId: '1' });
      await bus.processEvents();
      await bus.clock.advance(1);
      bus.emit('ping');
      const readFromTheLast = bus.emitted.toReversed().map(({ id }) => id);
      return readFromTheLast.toReversed();
    };
    const ids = await run();
    expect(ids).toEqual([
      '016f5e66-e800-7000-8000-000000000001',
      '016f5e66-e800-7000-8000-000000000002',
      '016f5e66-e801-7000-8000-000000000003',
    ]);
    expect(await run()).toEqual(ids);
    expect(ids.toSorted()).toEqual(ids);
    const bus = createTestEventBus({ createId: () => 'own' });
    expect(bus.emit('ping').event.id).toBe('own');
  });

  it('shares ids, but no id, with buses on the same clock', () => {
    const clock = new SimulatedClock();
    const [one, two] = [createTestEventBus({ clock }), createTestEventBus({ clock })];
    expect(one.emit('a').event.id).not.toBe(two.emit('a').event.id);
  });

  it('shows on each bus what was emitted there, not what arrived', async () => {
    const wire = new Wire();
    const clock = new SimulatedClock();
    const here = createTestEventBus<AppEvents>({ clock, transports: [wire.transport()] });
    const there = createTestEventBus<AppEvents>({ clock, transports: [wire.transport()] });
    startMailer(there);
    here.emit('user.created', { userId: '1' });
    await here.processEvents();
    expect([types(here.emitted), types(there.emitted)]).toEqual([['user.created'], ['mail.sent']]);
    there.respond('ping', () => 'pong');
    expect(await here.request('ping')).toBe('pong');
    expect([types(here.emitted), types(there.emitted)]).toEqual([['user.created', 'ping'], ['mail.sent']]);
    await Promise.all([here.close(), there.close()]);
  });

  it('is a bus like any other, and closes', async () => {
    const bus = createTestEventBus<AppEvents>({ name: 'shop', source: 'web', store: memoryStore() });
    expect([bus.name, bus.source]).toEqual(['shop', 'web']);
    bus.emit('ping');
    await bus.processEvents();
    for await (const { event } of bus.history()) expect(event.id).toBe(bus.emitted[0]?.id);
    expect((await bus.history().next()).done).toBe(false);
    await bus.close();
    await bus.processEvents();
    expect(types(bus.emitted)).toEqual(['ping']);
  });
});

describe('processEvents', () => {
  it('lets chains of events, asynchronous handlers and commits run to their end', async () => {
    const bus = createTestEventBus<Record<string, number>>({ store: memoryStore() });
    const committed: number[] = [];
    bus.on('count', async (event, delivery) => {
      await Promise.resolve();
      if (event.data < 100) delivery.emit('count', event.data + 1);
    });
    void bus.emit('count', 1).persisted.then((ref) => committed.push(ref?.offset ?? 0));
    await bus.processEvents();
    expect(bus.emitted).toHaveLength(100);
    expect(committed).toEqual([1]);
    expect(bus.stats()).toMatchObject({ inFlight: 0 });
  });

  it('lets what needs no time run, and no more', async () => {
    const bus = createTestEventBus();
    const log: string[] = [];
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void bus.clock.setTimeout(resolve, ms));
    bus.on('nap', async () => {
      await sleep(0);
      log.push('no time');
      await sleep(1);
      log.push('a millisecond');
    });
    bus.emit('nap');
    await bus.processEvents();
    expect([log, bus.stats().inFlight]).toEqual([['no time'], 1]);
    await bus.clock.advance(1);
    expect([log, bus.stats().inFlight]).toEqual([['no time', 'a millisecond'], 0]);
  });

  it('waits neither for promises that never settle nor for the bus to become idle', async () => {
    const bus = createTestEventBus();
    bus.on('hang', () => new Promise(() => {}));
    bus.emit('hang');
    await bus.processEvents();
    expect(bus.stats().inFlight).toBe(1);
  });

  it('F1 lets retries without delay run, and those with one when their time has come', async () => {
    const bus = createTestEventBus();
    const calls: string[] = [];
    const failing = (name: string) => (): never => {
      calls.push(name);
      throw new Error('no');
    };
    bus.on('a', failing('at once'), { retry: { attempts: 3, delayMs: 0 } });
    bus.on('a', failing('later'), { retry: { attempts: 2, delayMs: 100, jitter: 0 } });
    bus.emit('a');
    await bus.processEvents();
    expect(calls.toSorted()).toEqual(['at once', 'at once', 'at once', 'later']);
    await bus.clock.advance(99);
    expect([calls.length, bus.getErrorCount()]).toEqual([4, 1]);
    await bus.clock.advance(1);
    expect([calls.length, bus.getErrorCount(), bus.clock.pending]).toEqual([5, 2, 0]);
  });

  it('may be called by a handler', async () => {
    const bus = createTestEventBus();
    const log: string[] = [];
    bus.on('outer', async () => {
      bus.emit('inner');
      await bus.processEvents();
      log.push('outer');
    });
    bus.on('inner', async () => {
      await Promise.resolve();
      log.push('inner');
    });
    await bus.emit('outer');
    expect(log).toEqual(['inner', 'outer']);
  });

  it('works the same under the fake timers of a test runner, and sets no timer of its own', async () => {
    vi.useFakeTimers();
    const bus = createTestEventBus<AppEvents>();
    startMailer(bus);
    bus.emit('user.created', { userId: '1' });
    await bus.processEvents();
    await bus.clock.advance(10);
    expect(types(bus.emitted)).toEqual(['user.created', 'mail.sent']);
    expect(vi.getTimerCount()).toBe(0);
    expect(systemClock.now()).toBe(Date.now());
  });
});
