import { describe, expect, it, vi } from 'vitest';
import {
  type BusEvent,
  type Clock,
  createEventBus,
  type EventStore,
  type Inspection,
  systemClock,
  type Transport,
  type TransportHost,
} from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { SimulatedClock } from '../testing/index.js';
import { deferred, reactions } from './deferred.test.kit.js';

/** What one observer is told, as `kind type handler outcome`. */
function watched(options: Parameters<typeof createEventBus>[0] = {}) {
  const bus = createEventBus({ onError: () => {}, ...options });
  const told: Inspection[] = [];
  const stop = bus.inspect((inspection) => told.push(inspection));
  const lines = (): string[] =>
    told.map((inspection) => {
      const words: unknown[] = [inspection.kind];
      if ('event' in inspection && inspection.event !== undefined) words.push(inspection.event.type);
      if ('handler' in inspection && inspection.handler !== undefined) words.push(inspection.handler.name);
      if ('attempt' in inspection && inspection.attempt !== 1) words.push(`again ${inspection.attempt}`);
      if ('outcome' in inspection) words.push(inspection.outcome);
      if ('status' in inspection) words.push(inspection.status, inspection.delivered, inspection.failures);
      return words.join(' ');
    });
  return { bus, told, lines, stop };
}

/** A store that keeps nothing. */
const noStore: EventStore = {
  name: 'none',
  id: 'none',
  caps: { persistent: false, shared: false },
  append: async (records) => records.map((_, offset) => ({ store: 'none', offset })),
  read: async function* () {},
  close: async () => {},
};

/** Two transports, each the other's far end. */
function cable(): [Transport, Transport] {
  const hosts: (TransportHost | undefined)[] = [];
  const end = (here: number, there: number): Transport => ({
    name: `cable ${here}`,
    caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: Number.POSITIVE_INFINITY },
    open(host) {
      hosts[here] = host;
      host.state('open');
    },
    publish: (records) => hosts[there]?.receive(structuredClone(records)),
    close: () => {
      hosts[here] = undefined;
    },
  });
  return [end(0, 1), end(1, 0)];
}

describe('an observer', () => {
  it('I1 is told of an event from its emit to its end, in order', async () => {
    const { bus, lines } = watched();
    bus.on('a', () => bus.emit('b'), { name: 'first', priority: 1 });
    bus.on('a', async () => reactions(), { name: 'slow' });
    bus.once('*', () => Promise.reject(new Error('no')), { name: 'broken' });
    await bus.emit('a');
    await bus.idle();
    expect(lines()).toEqual([
      'subscribed first',
      'subscribed slow',
      'subscribed broken',
      'emitted a',
      'handlerStarted a first',
      'emitted b',
      'unsubscribed broken',
      'handlerStarted b broken',
      'handlerSettled b broken failed',
      'deadLettered b broken',
      'emitted error.occurred',
      'settled error.occurred delivered 0 0',
      'settled b delivered 1 1',
      'handlerSettled a first ok',
      'handlerStarted a slow',
      'handlerSettled a slow ok',
      'settled a delivered 2 0',
    ]);
  });

  it('I1 is told who cancelled, and what was dropped by closing', async () => {
    const { bus, lines, told } = watched();
    bus.on('a', (event) => event.cancel('enough'), { name: 'stopper' });
    bus.on(
      'b',
      () => {
        bus.emit('c');
        bus.emit('a').event.cancel();
        void bus.close();
      },
      { name: 'closer' },
    );
    bus.emit('a');
    bus.emit('b');
    await bus.close();
    expect(lines().slice(2)).toEqual([
      'emitted a',
      'handlerStarted a stopper',
      'handlerSettled a stopper ok',
      'cancelled a stopper',
      'settled a cancelled 1 0',
      'emitted b',
      'handlerStarted b closer',
      'emitted c',
      'emitted a',
      'unsubscribed stopper',
      'unsubscribed closer',
      'settled c dropped 0 0',
      'settled a dropped 0 0',
      'handlerSettled b closer ok',
      'settled b delivered 1 0',
    ]);
    const cancelled = told.find((inspection) => inspection.kind === 'cancelled');
    expect(cancelled?.event.cancelReason).toBe('enough');
  });

  it('I1 is told of everything that there is to tell', async () => {
    const kinds: Record<Inspection['kind'], boolean> = {
      emitted: false,
      handlerStarted: false,
      handlerSettled: false,
      filterFailed: false,
      cancelled: false,
      settled: false,
      stored: false,
      sent: false,
      received: false,
      dropped: false,
      gap: false,
      retried: false,
      deadLettered: false,
      vetoed: false,
      subscribed: false,
      unsubscribed: false,
      nodeJoined: false,
      nodeLeft: false,
      readBack: false,
      onDuty: false,
      offDuty: false,
      cursorMoved: false,
      trimmed: false,
      denied: false,
      pluginInstalling: false,
      pluginInstalled: false,
      pluginReplaced: false,
      pluginUninstalled: false,
      pluginFailed: false,
    };
    const [here, there] = cable();
    const { bus, told } = watched({ store: noStore, transports: [here] });
    const other = createEventBus({ transports: [there], share: (type) => type !== 'private', onError: () => {} });
    const filter = (): boolean => {
      throw new Error('no');
    };
    bus.use((event, next) => (event.type === 'vetoed' ? undefined : next()));
    bus.emit('vetoed');
    const failing = (): never => {
      throw new Error('no');
    };
    const off = bus.on('retried', failing, { retry: { attempts: 2, delayMs: 60_000 } });
    bus.emit('retried');
    off();
    bus.on('*', () => {}, { filter });
    bus.on('*', (event) => event.cancel())();
    bus.on('*', (event) => event.cancel());
    await bus.emit('a').persisted;
    other.on('a', () => {});
    await reactions();
    await other.emit('b');
    await other.idle();
    await there.publish(['garbage'] as never);
    await there.publish([{ ...bus.emit('a').event.toRecord(), id: 'far', node: other.nodeId, seq: 99 }]);
    await bus.idle();
    await other.close();
    const store = memoryStore({ maxEvents: 1 });
    const keeper = watched({ store, onError: () => {} });
    keeper.bus.on('a', () => {}, { group: 'keepers', from: { offset: 1 } });
    for (let n = 0; n < 3; n++) await keeper.bus.emit('a').persisted;
    await keeper.bus.idle();
    await keeper.bus.close();
    told.push(...keeper.told);
    const host = watched();
    const plugin = { name: 'plugin', permissions: {}, setup: () => {} };
    await host.bus.install(plugin);
    await host.bus.replace(plugin);
    await expect(host.bus.replace({ ...plugin, setup: (scope) => scope.emit('a') })).rejects.toThrow();
    await host.bus.close();
    told.push(...host.told);
    for (const { kind } of told) kinds[kind] = true;
    expect(Object.entries(kinds).filter(([, seen]) => !seen)).toEqual([]);
  });

  it('I1 is told of calls that are made again, with their number and wait, and of the dead letter', async () => {
    const clock = new SimulatedClock();
    const { bus, told, lines } = watched({ clock });
    const error = new Error('no');
    const handler = (): never => {
      throw error;
    };
    bus.on('a', handler, { name: 'broken', retry: { attempts: 2, delayMs: 40, jitter: 0 } });
    const emission = bus.emit('a');
    await clock.advance(40);
    await emission;
    expect(lines().slice(1)).toEqual([
      'emitted a',
      'handlerStarted a broken',
      'handlerSettled a broken failed',
      'retried a broken',
      'handlerStarted a broken again 2',
      'handlerSettled a broken failed',
      'deadLettered a broken',
      'emitted error.occurred',
      'settled a delivered 1 1',
      'settled error.occurred delivered 0 0',
    ]);
    const [letter] = await bus.deadLetters.list();
    expect(told.find(({ kind }) => kind === 'retried')).toMatchObject({ attempt: 1, delayMs: 40, error });
    expect(told.find(({ kind }) => kind === 'deadLettered')).toMatchObject({ letter: letter?.id, attempts: 2, error });
  });

  it('I1 is told of a veto, and by whom', async () => {
    const { bus, told, lines } = watched();
    bus.use(() => {}, { name: 'guard' });
    await bus.emit('a');
    expect(lines()).toEqual(['vetoed a', 'settled a vetoed 0 0']);
    expect(told[0]).toMatchObject({ by: 'guard', event: { type: 'a' } });
  });

  it('I1 has times of the precise clock, and how long each call took', async () => {
    let now = 1000;
    const clock: Clock = { ...systemClock, precise: () => now };
    const { bus, told } = watched({ clock });
    const gate = deferred();
    bus.on('a', () => {
      now += 0.5;
    });
    bus.on('a', () => gate.promise);
    const emission = bus.emit('a');
    now += 20;
    gate.resolve();
    await emission;
    const settled = told.filter((inspection) => inspection.kind === 'handlerSettled');
    expect(settled.map(({ at, durationMs }) => [at, durationMs])).toEqual([
      [1000.5, 0.5],
      [1020.5, 20],
    ]);
  });

  it('I1 is told the same handler by the same object, and the same event by the same view', async () => {
    const { bus, told } = watched();
    bus.on('a', () => {});
    await bus.emit('a');
    const handlers = told.flatMap((inspection) => ('handler' in inspection ? [inspection.handler] : []));
    const events = told.flatMap((inspection) => ('event' in inspection ? [inspection.event] : []));
    expect([handlers.length, new Set(handlers).size]).toEqual([3, 1]);
    expect([events.length, new Set(events).size]).toEqual([4, 1]);
    expect(Object.isFrozen(handlers[0]?.patterns)).toBe(true);
  });

  it('I1 knows an event by one view while other observers come and go', async () => {
    const { bus, told } = watched();
    const gate = deferred();
    bus.on('a', () => gate.promise);
    const emission = bus.emit('a');
    const stop = bus.inspect(() => {});
    gate.resolve();
    await emission;
    stop();
    const views = told.flatMap((inspection) => ('event' in inspection ? [inspection.event] : []));
    expect([views.length, new Set(views).size]).toEqual([4, 1]);
  });

  it('I1 is told of a filter that failed', () => {
    const { bus, told } = watched();
    const error = new Error('no');
    const filter = (): boolean => {
      throw error;
    };
    bus.on('a', () => {}, { filter });
    bus.emit('a');
    expect(told.some((inspection) => 'error' in inspection && inspection.error === error)).toBe(true);
  });

  it('I1 hears nothing after it was stopped, even within the event under way', () => {
    const { bus, lines, stop } = watched();
    bus.on('a', () => stop(), { name: 'stopper' });
    bus.emit('a');
    bus.emit('a');
    expect(lines()).toEqual(['subscribed stopper', 'emitted a', 'handlerStarted a stopper']);
    stop();
  });

  it('I1 that comes in the middle of an event hears how it ends', async () => {
    const bus = createEventBus();
    const gate = deferred();
    bus.on('a', () => gate.promise);
    const emission = bus.emit('a');
    const told: Inspection[] = [];
    bus.inspect((inspection) => told.push(inspection));
    gate.resolve();
    await emission;
    expect(told.map(({ kind }) => kind)).toEqual(['handlerSettled', 'settled']);
    expect(told[0]).toMatchObject({ durationMs: 0, outcome: 'ok' });
  });

  it('I1 given twice is told twice, and stopped one at a time', () => {
    const bus = createEventBus();
    const observer = vi.fn();
    const [stopOne, stopOther] = [bus.inspect(observer), bus.inspect(observer)];
    bus.on('a', () => {});
    stopOne();
    stopOne();
    bus.on('a', () => {});
    stopOther();
    bus.on('a', () => {});
    expect(observer).toHaveBeenCalledTimes(3);
  });

  it('I2 costs no reading of the precise clock when there is none', () => {
    const precise = vi.fn(() => 0);
    const bus = createEventBus({ clock: { ...systemClock, precise } });
    bus.on('a', () => {});
    bus.emit('a');
    expect(precise).not.toHaveBeenCalled();
  });

  it('I3 that fails is contained, and the others are told all the same', async () => {
    const failures: unknown[] = [];
    const bus = createEventBus({ onError: ({ stage, error }) => failures.push([stage, error]) });
    const told: string[] = [];
    const [sync, async] = [new Error('sync'), new Error('async')];
    bus.inspect(({ kind }) => {
      if (kind === 'emitted') throw sync;
    });
    bus.inspect((({ kind }) => (kind === 'emitted' ? Promise.reject(async) : undefined)) as (i: Inspection) => void);
    bus.inspect(({ kind }) => told.push(kind));
    let calls = 0;
    bus.on('a', () => calls++);
    expect((await bus.emit('a')).status).toBe('delivered');
    await reactions();
    expect(failures).toEqual([
      ['observer', sync],
      ['observer', async],
    ]);
    expect([calls, told]).toEqual([1, ['subscribed', 'emitted', 'handlerStarted', 'handlerSettled', 'settled']]);
  });

  it('I3 sees every field of an event and can neither cancel nor change it', async () => {
    const { bus, told } = watched();
    const seen: BusEvent[] = [];
    bus.on('a', (event) => seen.push(event));
    bus.emit('a', { n: 1 }, { metadata: { k: 1 } });
    const [, emitted] = told;
    if (emitted?.kind !== 'emitted' || seen[0] === undefined) throw new Error('not told');
    const view = emitted.event;
    expect(view).not.toBe(seen[0]);
    expect(view.toRecord()).toEqual(seen[0].toRecord());
    expect(JSON.stringify(view)).toBe(JSON.stringify(seen[0]));
    expect('cancel' in view).toBe(false);
    for (const field of [...Object.keys(view.toRecord()), 'cancelled', 'cancelReason', 'anything']) {
      expect(() => Object.assign(view, { [field]: 'changed' }), field).toThrow(TypeError);
    }
    const cancel = seen[0].cancel as (this: unknown) => void;
    expect(() => cancel.call(view)).toThrow(TypeError);
    expect([view.cancelled, view.cancelReason, seen[0].cancelled]).toEqual([false, undefined, false]);
  });
});
