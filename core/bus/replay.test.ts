import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  type BusEvent,
  createEventBus,
  DepthLimitError,
  type EventInit,
  InvalidOptionError,
  QueueFullError,
} from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus } from '../testing/index.js';
import { Wire } from './border/wire.test.fixture.js';
import { deferred } from './deferred.test.kit.js';

const past: EventInit = {
  type: 'order.paid',
  data: { total: 1 },
  id: 'id-1',
  timestamp: 1_000,
  source: 'shop',
  correlationId: 'chain',
  causationId: 'id-0',
  metadata: { tenant: 'acme' },
  priority: 3,
};

describe('an event that is replayed', () => {
  it('S8 is as it was, and marked', async () => {
    const bus = createTestEventBus();
    let seen: BusEvent | undefined;
    bus.on('order.*', (event) => {
      seen = event;
    });
    const { status, delivered } = await bus.emit({ ...past, replay: {} });
    expect([status, delivered]).toEqual(['delivered', 1]);
    expect(seen?.toRecord()).toEqual({ v: 1, ...past, metadata: { tenant: 'acme', replayed: true } });
    expect(Object.isFrozen(seen?.metadata)).toBe(true);
    // What it is made of is not marked, and has a place of its own where it names none.
    expect(past.metadata).toEqual({ tenant: 'acme' });
    expect(bus.emit({ type: 'a', data: 1, replay: {} }).event).toMatchObject({ timestamp: bus.clock.now() });
    expect(bus.emitted.map(({ type }) => type)).toEqual(['order.paid', 'a']);
  });

  it('S8 does not expire, and asks for no answer', async () => {
    const bus = createTestEventBus();
    bus.respond('order.paid', () => 'answer');
    const emission = bus.emit({ ...past, ttlMs: 1, request: true, replay: {} } as EventInit);
    expect(await emission).toMatchObject({ status: 'delivered', delivered: 1 });
    expect(emission.event.toRecord()).not.toHaveProperty('ttlMs');
    expect(emission.event.toRecord()).not.toHaveProperty('request');
  });

  it('S8 meets neither schemas nor middleware', async () => {
    const refuses = () => ({ issues: [{ message: 'no' }] });
    const schema = { '~standard': { version: 1, vendor: 'test', validate: refuses } } as const;
    const bus = createTestEventBus({ schemas: { 'order.paid': schema } });
    const met: string[] = [];
    bus.use((event, next) => {
      met.push(event.type);
      next();
    });
    bus.on('**', (event) => met.push(`handled ${event.type}`));
    expect(await bus.emit({ ...past, replay: {} })).toMatchObject({ status: 'delivered', delivered: 1 });
    expect(met).toEqual(['handled order.paid']);
  });

  it('S8 goes to those it names alone, in dispatch order, if they are subscribed to its type', async () => {
    const bus = createTestEventBus();
    const calls: string[] = [];
    const on = (pattern: string, name: string, priority = 0) =>
      bus.on(pattern, (_, { key }) => calls.push(`${name} ${key}`), { name, priority });
    on('order.paid', 'late', -1);
    on('order.paid', 'stranger', 1);
    on('**', 'first', 2);
    on('cart.*', 'late', 5);
    const off = on('order.*', 'first', 1);
    expect(await bus.emit({ ...past, replay: { to: ['late', 'first'] } })).toMatchObject({ delivered: 3 });
    expect(calls).toEqual(['first undefined', 'first undefined', 'late undefined']);
    off();
    expect(await bus.emit({ ...past, replay: { to: ['late', 'first'] } })).toMatchObject({ delivered: 2 });
    expect(await bus.emit({ ...past, replay: { to: ['nobody'] } })).toMatchObject({
      status: 'delivered',
      delivered: 0,
    });
    expect(await bus.emit({ ...past, replay: { to: [] } })).toMatchObject({ delivered: 0 });
  });

  it('D5, S8 is for those who have the name when its turn comes', () => {
    const bus = createTestEventBus();
    const calls: string[] = [];
    const off = bus.on('order.paid', () => calls.push('old'), { name: 'analytics' });
    bus.once('begin', () => {
      bus.emit({ ...past, replay: { to: ['analytics'] } });
      off();
      bus.on('order.paid', () => calls.push('new'), { name: 'analytics' });
    });
    bus.emit('begin');
    expect(calls).toEqual(['new']);
  });

  it('S8 reaches those who read from the store only by their names, beside what they read', async () => {
    const bus = createTestEventBus({ store: memoryStore() });
    const calls: unknown[] = [];
    bus.on('order.*', (event, { key }) => calls.push([event.metadata['replayed'], key]), { durable: 'mailer' });
    const mail = bus.on('cart.*', () => calls.push('cart'), { durable: 'cart', name: 'mailer' });
    await bus.idle();
    expect(await bus.emit({ ...past, replay: {} })).toMatchObject({ delivered: 0 });
    expect(await bus.emit({ ...past, replay: { to: ['mailer'] } })).toMatchObject({ delivered: 1 });
    expect(calls).toEqual([[true, undefined]]);
    expect(bus.stats().durable.map(({ offset }) => offset)).toEqual([0, 0]);
    const live = bus.on('order.*', () => calls.push('after'), { name: 'mailer', priority: -1 });
    expect(await bus.emit({ ...past, replay: { to: ['mailer'] } })).toMatchObject({ delivered: 2 });
    expect(calls.splice(1)).toEqual([[true, undefined], 'after']);
    live();
    mail();
    bus.emit('order.paid', 1);
    await bus.idle();
    expect(calls[1]).toEqual([undefined, expect.stringMatching(/^mailer:1:/)]);
    bus.off('order.*');
    expect(await bus.emit({ ...past, replay: { to: ['mailer'] } })).toMatchObject({ delivered: 0 });
  });

  it('S8 calls a durable handler that fails again, and leaves a dead letter', async () => {
    const bus = createTestEventBus({ store: memoryStore() });
    const attempts: number[] = [];
    const failing = (_: unknown, { attempt }: { attempt: number }): void => {
      attempts.push(attempt);
      throw new Error('down');
    };
    bus.on('order.*', failing, { durable: 'mailer', retry: { attempts: 2, delayMs: 10, jitter: 0 } });
    await bus.idle();
    const result = bus.emit({ ...past, replay: { to: ['mailer'] } });
    await bus.clock.advance(10);
    expect((await result).failures).toHaveLength(1);
    expect(attempts).toEqual([1, 2]);
    const [letter] = await bus.deadLetters.list();
    expect(letter).toMatchObject({ attempts: 2, handler: { name: 'mailer' } });
    expect(letter?.event.metadata).toEqual({ tenant: 'acme', replayed: true });
  });

  it('S8 stays on its node and out of the store, unless more is asked for', async () => {
    const wire = new Wire();
    const store = memoryStore();
    const bus = createEventBus({ store, transports: [wire.transport()] });
    const other = createEventBus({ transports: [wire.transport()] });
    const seen: unknown[] = [];
    other.on('**', (event) => seen.push([event.data, event.metadata['replayed']]));
    bus.emit({ ...past, data: 'nowhere', replay: {} });
    bus.emit({ ...past, data: 'nowhere', replay: { store: false, send: false } });
    const ref = await bus.emit({ ...past, data: 'stored', replay: { store: true } }).persisted;
    expect(ref?.offset).toBe(1);
    expect(await bus.emit({ ...past, data: 'sent', replay: { send: true } }).persisted).toBeUndefined();
    bus.emit({ ...past, data: 'both', replay: { store: true, send: true } });
    bus.emit({ ...past, data: 'stored', local: true, replay: { store: true, send: true } });
    bus.emit('last');
    await bus.idle();
    await expect
      .poll(() => seen)
      .toEqual([
        ['sent', true],
        ['both', true],
        [undefined, undefined],
      ]);
    const stored: unknown[] = [];
    for await (const { record } of store.read()) stored.push(record.data);
    expect(stored).toEqual(['stored', 'both', 'stored', undefined]);
    await bus.close();
    await other.close();
  });

  it('Q1, S8 waits for its turn like any other, and finds no room like any other', async () => {
    const held = deferred<void>();
    const bus = createTestEventBus({ queue: { concurrency: 1, maxSize: 1 } });
    bus.on('order.paid', () => held.promise);
    bus.emit('order.paid');
    const waiting = bus.emit({ ...past, replay: {} });
    expect(() => bus.emit({ ...past, replay: {} })).toThrow(QueueFullError);
    expect(bus.stats().queued).toBe(1);
    held.resolve();
    expect(await waiting).toMatchObject({ status: 'delivered', delivered: 1 });
    const dropping = createTestEventBus({ queue: { concurrency: 1, maxSize: 0, overflow: 'dropNewest' } });
    dropping.on('order.paid', () => new Promise(() => {}));
    dropping.emit('order.paid');
    expect(await dropping.emit({ ...past, replay: {} })).toMatchObject({ status: 'dropped' });
  });

  it('Q4, S8 is a link of a chain when a handler replays it', () => {
    const bus = createTestEventBus({ queue: { maxDepth: 10 } });
    let calls = 0;
    bus.on('order.paid', () => {
      calls++;
      bus.emit({ ...past, timestamp: bus.clock.now(), replay: {} });
    });
    bus.emit({ ...past, timestamp: bus.clock.now(), replay: {} });
    expect(calls).toBe(10);
    expect(bus.failures.map(({ error }) => (error as Error).name)).toEqual([DepthLimitError.name]);
  });

  it('F4, S8 is not reported once more inside the report of a failure', async () => {
    const bus = createTestEventBus();
    bus.on('order.paid', () => {
      throw new Error('down');
    });
    bus.on('error.occurred', () => {
      bus.emit({ ...past, replay: {} });
    });
    bus.emit('order.paid');
    await bus.processEvents();
    expect(bus.emittedOf('error.occurred')).toHaveLength(1);
    expect(bus.getErrorCount()).toBe(2);
  });

  it('D10, S8 is refused by a closed bus, and with names that are none', async () => {
    const bus = createTestEventBus();
    for (const to of ['analytics', [1], null]) {
      expect(() => bus.emit({ ...past, replay: { to: to as never } })).toThrow(InvalidOptionError);
    }
    await bus.close();
    expect(() => bus.emit({ ...past, replay: {} })).toThrow(BusClosedError);
  });

  it('E7, S8 has its data frozen where the bus freezes', () => {
    const data = { total: 1 };
    createTestEventBus({ freeze: true }).emit({ ...past, data, replay: {} });
    expect(Object.isFrozen(data)).toBe(true);
  });
});
