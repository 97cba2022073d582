import { describe, expect, it } from 'vitest';
import { Wire } from '../bus/border/wire.test.fixture.js';
import type { EventStore } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../testing/index.js';
import {
  answer,
  checkout,
  order,
  type ShopEvents,
  said,
  sent,
  settle,
  sharedLog,
  shop,
  steps,
} from './saga/checkout.test.kit.js';

type Bus = TestEventBus<ShopEvents>;

/** Two nodes with the saga on one log and one wire, and their clock. */
async function pair(more: Parameters<typeof checkout>[0] = {}) {
  const store = sharedLog();
  const wire = new Wire();
  const clock = new SimulatedClock();
  const node = async () => {
    const bus = createTestEventBus<ShopEvents>({ store, clock, transports: [wire.transport()] });
    const saga = checkout(more);
    await bus.install(saga);
    await settle(bus);
    return { bus, saga };
  };
  return { a: await node(), b: await node(), node, clock };
}

/** Whether what two nodes have sent together is this, in whatever shares. */
const together = (...buses: readonly Bus[]): readonly string[] => buses.flatMap(sent);

describe('nodes that share a store', () => {
  it('W1 have one of them work, with answers from any of them', async () => {
    const { a, b } = await pair();
    const id = await order(b.bus);
    await answer(b.bus, 'pay.done', id, { tx: 't' });
    await answer(a.bus, 'stock.done', id);
    await answer(b.bus, 'mail.done', id);
    expect(sent(a.bus)).toEqual(['pay.do pay:1', 'stock.do stock:1', 'mail.do mail:1', 'order.done completed']);
    expect(sent(b.bus)).toEqual([]);
    expect(await b.saga.instances()).toEqual(await a.saga.instances());
    expect((await b.saga.instances()).map(({ state }) => state)).toEqual(['completed']);
  });

  it('W1 have another go on when the one that works goes', async () => {
    const { a, b, clock } = await pair();
    const id = await order(b.bus);
    await answer(a.bus, 'pay.done', id, { tx: 't' });
    await a.bus.close();
    await clock.advance(0);
    await answer(b.bus, 'stock.failed', id);
    await answer(b.bus, 'pay.undone', id);
    expect(together(a.bus, b.bus)).toEqual([
      'pay.do pay:1',
      'stock.do stock:1',
      'pay.undo pay:undo:1',
      'order.cancelled failed',
    ]);
    expect((await b.saga.instances()).map(({ state }) => state)).toEqual(['failed']);
  });

  it('W1 keep to its times when the one that worked is gone', async () => {
    const { a, b, clock } = await pair({ steps: steps({ timeoutMs: 5000 }) });
    await order(a.bus);
    await clock.advance(3000);
    await a.bus.close();
    await clock.advance(1999);
    expect((await b.saga.instances()).map(({ state }) => state)).toEqual(['running']);
    // Within a second, as the one that works would have come first.
    await clock.advance(1001);
    expect((await b.saga.instances()).map(({ state }) => state)).toEqual(['failed']);
  });

  it('W1 leave it to the one that works to say that a time is over', async () => {
    const { a, b, clock } = await pair({ steps: steps({ timeoutMs: 5000 }) });
    await order(b.bus);
    await clock.advance(10_000);
    expect([a.bus, b.bus].map((bus) => bus.emittedOf('saga.checkout.due').length)).toEqual([1, 0]);
    expect(together(a.bus, b.bus)).toEqual(['pay.do pay:1', 'order.cancelled failed']);
  });

  it('W1 have the dead letter of a stuck one retried from any of them', async () => {
    const { a, b, clock } = await pair();
    const id = await order(a.bus);
    await answer(a.bus, 'pay.done', id, { tx: 't' });
    await answer(a.bus, 'stock.failed', id);
    await answer(a.bus, 'pay.stays', id);
    const [letter] = await b.bus.deadLetters.list();
    void b.bus.deadLetters.retry(letter?.id ?? '');
    await clock.advance(1000);
    expect(sent(a.bus).at(-1)).toBe('pay.undo pay:undo:2');
    await answer(b.bus, 'pay.undone', id);
    expect((await b.saga.instances()).map(({ state }) => state)).toEqual(['failed']);
  });

  it('W1 say which of several buses of a process is asked about', async () => {
    const saga = checkout();
    const [one, other] = [shop(), shop()];
    for (const bus of [one, other]) await bus.install(saga);
    const id = await order(one);
    expect((await saga.instances(one)).map((each) => each.id)).toEqual([id]);
    expect(await saga.instances(other)).toEqual([]);
    expect(await saga.instances({ nodeId: 'nobody' })).toEqual([]);
  });
});

describe('nodes without a store', () => {
  it('W1 have the one work where an instance begins, with answers from any of them', async () => {
    const wire = new Wire();
    const [a, b] = [wire, wire].map((each) => createTestEventBus<ShopEvents>({ transports: [each.transport()] })) as [
      Bus,
      Bus,
    ];
    for (const bus of [a, b]) await bus.install(checkout());
    const id = await order(a);
    await settle(a, b);
    await answer(b, 'pay.done', id, { tx: 't' });
    await settle(a, b);
    expect(sent(a)).toEqual(['pay.do pay:1', 'stock.do stock:1']);
    expect(sent(b)).toEqual([]);
  });
});

/** A store that does some things otherwise. */
function changed(log: EventStore, by: Partial<EventStore>): EventStore {
  const { name, id, caps, cursors, deadLetters, locks } = log;
  return {
    ...{ name, id, caps, append: (...given) => log.append(...given), read: (query) => log.read(query) },
    ...(cursors && { cursors }),
    ...(deadLetters && { deadLetters }),
    ...(locks && { locks }),
    close: () => log.close(),
    ...by,
  };
}

describe('a saga that comes back', () => {
  const again = async (store: EventStore, clock: SimulatedClock, more: Parameters<typeof checkout>[0] = {}) => {
    const bus = createTestEventBus<ShopEvents>({ store, clock });
    const saga = checkout(more);
    await bus.install(saga);
    await settle(bus);
    return { bus, saga };
  };

  it('W1 finds the answers that came while nobody was there, and those alone', async () => {
    const [store, clock] = [sharedLog(), new SimulatedClock()];
    const first = await again(store, clock, { steps: steps({ timeoutMs: 5000 }) });
    const id = await order(first.bus);
    await first.bus.close();
    const other = createTestEventBus<ShopEvents>({ store, clock });
    await answer(other, 'pay.done', id, { tx: 't' });
    await clock.advance(20_000);
    const second = await again(store, clock, { steps: steps({ timeoutMs: 5000 }) });
    await clock.advance(1000);
    // Its time was over long ago, and the answer had come before.
    expect(sent(second.bus)).toEqual(['stock.do stock:1']);
    expect(said(second.bus)[0]).toBe('step.completed pay');
  });

  it('W1 counts times from when a command was sent, however long it was away', async () => {
    const [store, clock] = [sharedLog(), new SimulatedClock()];
    const more = { steps: steps({ timeoutMs: 60_000, retry: { attempts: 2, delayMs: 1000, jitter: 0 } }) };
    const first = await again(store, clock, more);
    await order(first.bus);
    await first.bus.close();
    await clock.advance(50_000);
    const second = await again(store, clock, more);
    await clock.advance(10_999);
    expect(said(second.bus)).toEqual([]);
    await clock.advance(1);
    expect(said(second.bus)).toEqual(['due pay 1', 'step.failed pay 1']);
    await second.bus.close();
    await clock.advance(5000);
    const third = await again(store, clock, more);
    await clock.advance(1000);
    expect(sent(third.bus)).toEqual(['pay.do pay:2']);
  });

  it.each(['stock.done', 'stock.failed'] as const)(
    'W1 takes no %s that it has passed for an answer when it is told of it again',
    async (early) => {
      const [log, clock] = [sharedLog(), new SimulatedClock()];
      const cursors = log.cursors as NonNullable<EventStore['cursors']>;
      // Its cursor stays where it was, as when a node crashes before it is moved.
      const behind = changed(log, {
        cursors: {
          get: (name) => cursors.get(name),
          claim: (...given) => cursors.claim(...given),
          move: (name) => cursors.get(name),
          list: () => cursors.list(),
          remove: (name) => cursors.remove(name),
        },
      });
      const first = await again(behind, clock);
      const id = await order(first.bus);
      await answer(first.bus, early, id);
      await answer(first.bus, 'pay.done', id, { tx: 't' });
      expect(sent(first.bus)).toEqual(['pay.do pay:1', 'stock.do stock:1']);
      await first.bus.close();
      const second = await again(log, clock);
      await settle(second.bus);
      expect(said(second.bus)).toEqual([]);
      await answer(second.bus, 'stock.done', id);
      expect(said(second.bus)[0]).toBe('step.completed stock');
    },
  );

  it('W1 says nothing twice when it is replaced', async () => {
    const bus = shop();
    await bus.install(checkout({ steps: steps({ timeoutMs: 5000 }) }));
    const id = await order(bus);
    await answer(bus, 'pay.done', id, { tx: 't' });
    const newer = checkout({ steps: steps({ timeoutMs: 7000 }) });
    const replaced = bus.replace(newer);
    await settle(bus);
    await replaced;
    await answer(bus, 'stock.done', id);
    expect(sent(bus)).toEqual(['pay.do pay:1', 'stock.do stock:1', 'mail.do mail:1']);
    await bus.clock.advance(6999);
    expect((await newer.instances()).map(({ state }) => state)).toEqual(['running']);
    await bus.clock.advance(1);
    expect((await newer.instances()).map(({ state }) => state)).toEqual(['compensating']);
    expect(new Set(said(bus)).size).toBe(said(bus).length);
  });

  it('W1 takes nobody else for itself', async () => {
    const bus = shop();
    const saga = checkout();
    await bus.install(saga);
    const id = await order(bus);
    bus.emit('saga.checkout.completed', { id });
    bus.emit('saga.checkout.due', { id, step: 'pay', undo: false, attempt: 1, wait: false });
    await settle(bus);
    expect((await saga.instances()).map(({ state, steps: [pay] }) => [state, pay?.state])).toEqual([
      ['running', 'sent'],
    ]);
  });

  it('W1 tries again what a store that fails kept from being done, under the same key', async () => {
    const log = memoryStore();
    let isBroken = true;
    const store = changed(log, {
      append: (records, options) => {
        const isRefused = isBroken && records.some(({ type }) => type === 'saga.checkout.step.completed');
        return isRefused ? Promise.reject(new Error('disk')) : log.append(records, options);
      },
    });
    const { bus, saga } = await again(store, new SimulatedClock());
    const id = await order(bus);
    await answer(bus, 'pay.done', id, { tx: 't' });
    expect((await saga.instances()).map(({ steps: [pay] }) => pay?.state)).toEqual(['sent']);
    isBroken = false;
    await bus.clock.advance(10_000);
    expect((await saga.instances()).map(({ steps: [pay, stock] }) => [pay?.state, stock?.state])).toEqual([
      ['completed', 'sent'],
    ]);
  });

  it('W1 does not send without end when the store lets go of what it has just stored', async () => {
    const log = memoryStore();
    const store = changed(log, {
      async *read(query) {
        for await (const one of log.read(query)) if (!one.record.type.endsWith('step.sent')) yield one;
      },
    });
    const { bus } = await again(store, new SimulatedClock());
    await order(bus);
    await bus.clock.advance(120_000);
    expect(sent(bus).length).toBeLessThan(10);
    expect(bus.failures.map(({ error }) => (error as { code?: string }).code)).toContain('SAGA_FACTS_LOST');
  });
});
