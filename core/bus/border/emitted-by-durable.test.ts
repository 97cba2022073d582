import { describe, expect, it } from 'vitest';
import { definePlugin, type EventStore, type Failure } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions, type TestEventBus } from '../../testing/index.js';
import { type Deferred, deferred } from '../deferred.test.kit.js';

interface Events {
  'order.placed': number;
  'mail.wanted': number;
}

/** A log whose writes of mail wait until they are let through, or fail. */
function slowMail() {
  const store = memoryStore({ shared: true });
  const append = store.append.bind(store);
  const gates: Deferred<void>[] = [];
  store.append = async (records, options) => {
    if (records.some(({ type }) => type === 'mail.wanted')) {
      const gate = deferred();
      gates.push(gate);
      await gate.promise;
    }
    return append(records, options);
  };
  return { store, gates };
}

function node(store: EventStore, options: TestBusOptions = {}): TestEventBus<Events> {
  return createTestEventBus<Events>({ store, ...options });
}

const cursorOf = (bus: TestEventBus<Events>): number => bus.stats().durable[0]?.offset ?? 0;

describe('what the handler of a durable subscription emits', () => {
  it('S6 is committed before the cursor moves, and emitted again when it was not', async () => {
    const { store, gates } = slowMail();
    const bus = node(store);
    const wanted = { durable: 'mailer', from: 'all' } as const;
    bus.on('order.placed', ({ data }, { emit }) => void emit('mail.wanted', data), wanted);
    const { offset } = (await bus.emit('order.placed', 1).persisted) ?? { offset: -1 };
    await bus.clock.advance(1_000);
    expect([gates.length, cursorOf(bus)]).toEqual([1, 0]);

    // It has crashed: nothing of it comes any more, and another one goes on from where the cursor is.
    const next = node(store);
    next.on('order.placed', ({ data }, { emit }) => void emit('mail.wanted', data), wanted);
    await next.clock.advance(1_000);
    expect([gates.length, cursorOf(next)]).toEqual([2, 0]);
    gates[1]?.resolve();
    await next.clock.advance(1_000);
    expect(cursorOf(next)).toBeGreaterThanOrEqual(offset);
  });

  it('S6 holds up nothing when it cannot be stored, which is reported', async () => {
    const { store, gates } = slowMail();
    const failures: Failure[] = [];
    const bus = node(store, { onError: (failure) => failures.push(failure) });
    bus.on('order.placed', ({ data }, { emit }) => void emit('mail.wanted', data), { durable: 'mailer', from: 'all' });
    const { offset } = (await bus.emit('order.placed', 1).persisted) ?? { offset: -1 };
    await bus.clock.advance(0);
    const noDisk = new Error('no disk');
    gates[0]?.reject(noDisk);
    await bus.clock.advance(1_000);
    expect(cursorOf(bus)).toBeGreaterThanOrEqual(offset);
    expect(failures.map(({ stage, error }) => [stage, (error as Error).cause])).toEqual([['store', noDisk]]);
  });

  it('S6 is waited for when the bus closes, and not emitted again', async () => {
    const { store, gates } = slowMail();
    for (let round = 0; round < 2; round++) {
      const bus = node(store);
      bus.on('order.placed', ({ data }, { emit }) => void emit('mail.wanted', data), {
        durable: 'mailer',
        from: 'all',
      });
      if (round === 0) await bus.emit('order.placed', 1).persisted;
      await bus.clock.advance(0);
      const closed = bus.close();
      await bus.clock.advance(0);
      gates[0]?.resolve();
      await bus.clock.advance(1_000);
      await closed;
    }
    expect(gates).toHaveLength(1);
  });

  it('S6 is committed first in a plugin, too, and by the batch', async () => {
    const { store, gates } = slowMail();
    const bus = node(store);
    const mailer = definePlugin<Events>({
      name: 'mailer',
      setup(scope) {
        scope.on(
          'order.placed',
          (events, delivery) => void events.map(({ data }) => delivery.emit('mail.wanted', data)),
          {
            ...{ durable: 'mailer', from: 'all' as const },
            batch: { size: 2, maxWaitMs: 10 },
          },
        );
      },
    });
    await bus.install(mailer);
    const refs = await Promise.all([1, 2].map((data) => bus.emit('order.placed', data).persisted));
    await bus.clock.advance(1_000);
    // What the batch emits has the last of its events as the cause.
    expect(cursorOf(bus)).toBe(refs[0]?.offset);
    gates[0]?.resolve();
    await bus.clock.advance(1_000);
    expect(cursorOf(bus)).toBeGreaterThanOrEqual(refs[1]?.offset ?? Number.POSITIVE_INFINITY);
  });

  it('S6 holds it up for 10 s when it hangs, and leaves nothing behind', async () => {
    const bus = node(memoryStore({ shared: true }));
    bus.use((event, next) => (event.type === 'mail.wanted' ? new Promise<void>(() => {}) : next()));
    const off = bus.on('order.placed', ({ data }, { emit }) => void emit('mail.wanted', data), {
      ...{ durable: 'mailer', from: 'all' as const },
    });
    const { offset } = (await bus.emit('order.placed', 1).persisted) ?? { offset: -1 };
    await bus.clock.advance(9_000);
    expect(cursorOf(bus)).toBe(0);
    await bus.clock.advance(2_000);
    expect(cursorOf(bus)).toBe(offset);
    await bus.emit('order.placed', 2).persisted;
    await bus.clock.advance(100);
    off();
    await bus.clock.advance(11_000);
    expect(bus.clock.pending).toBe(0);
  });
});
