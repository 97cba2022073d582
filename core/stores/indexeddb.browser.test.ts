import { describe, expect, it } from 'vitest';
import { createEventBus } from '../index.js';
import { record } from '../testing/store-conformance/case.js';
import { eventStoreConformance } from '../testing/store-conformance.js';
import { abortCommits, newName, newStore, typesIn } from './indexeddb/database.test.kit.js';
import { indexedDbStore } from './indexeddb.js';

describe('an IndexedDB store', () => {
  const names = new Map<string, string>();
  const create = (log: string) => {
    const name = names.get(log) ?? newName();
    names.set(log, name);
    return indexedDbStore({ name });
  };
  for (const { name, run } of eventStoreConformance(create)) it(name, run);

  it.each(['', undefined, 7])('refuses the name %j', (name) => {
    expect(() => indexedDbStore({ name: name as string })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('S4 keeps what JSON would lose', async () => {
    const store = newStore();
    const data = { at: new Date(5), tags: new Set(['a']), big: 12n, bytes: new Uint8Array([1, 2]), missing: undefined };
    await store.append([record('rich', { data })]);
    for await (const stored of store.read()) expect(stored.record.data).toEqual(data);
  });

  it('S1 S4 takes 10,000 events from 100 producers and gives them back in both directions', async () => {
    const store = newStore();
    const offsets: number[] = [];
    const produce = async (producer: number): Promise<void> => {
      for (let n = 0; n < 100; n++) {
        const data = { producer, n };
        const [ref] = await store.append([record(`producer.${producer}`, { data, correlationId: `step-${n}` })]);
        offsets.push(ref?.offset ?? Number.NaN);
      }
    };
    await Promise.all(Array.from({ length: 100 }, (_, producer) => produce(producer)));
    const read = async (order: 'asc' | 'desc'): Promise<readonly number[]> => {
      const found: number[] = [];
      for await (const { offset } of store.read({ order })) found.push(offset);
      return found;
    };
    offsets.sort((a, b) => a - b);
    expect(await read('asc')).toEqual(offsets);
    expect(await read('desc')).toEqual(offsets.toReversed());
    expect(await typesIn(store, { correlationId: 'step-42' })).toHaveLength(100);
    const steps: unknown[] = [];
    for await (const stored of store.read({ pattern: 'producer.7' })) steps.push(stored.record.data);
    expect(steps).toEqual(Array.from({ length: 100 }, (_, n) => ({ producer: 7, n })));
  });
});

describe('a bus with an IndexedDB store', () => {
  it('S2 resolves persisted with where the event is, and has it in its history and in that of another bus', async () => {
    const name = newName();
    await using bus = createEventBus({ store: indexedDbStore({ name }) });
    await using other = createEventBus({ store: indexedDbStore({ name }) });
    const ref = await bus.emit('user.created', { userId: '1' }).persisted;
    expect(ref?.store).toBe(`indexeddb:${name}`);
    for (const each of [bus, other]) {
      const found: unknown[] = [];
      for await (const { offset, event } of each.history({ pattern: 'user.*' })) found.push([offset, event.data]);
      expect(found).toEqual([[ref?.offset, { userId: '1' }]]);
    }
  });

  it('S2 starts handlers before emit returns when relaxed, and only after the commit when strict', async () => {
    const relaxed = createEventBus({ store: newStore() });
    let handled = 0;
    relaxed.on('order.placed', () => void handled++);
    relaxed.emit('order.placed');
    expect(handled).toBe(1);

    const store = newStore();
    const strict = createEventBus({ store, durability: 'strict' });
    const storedWhenHandled: (readonly string[])[] = [];
    strict.on('order.placed', async () => void storedWhenHandled.push(await typesIn(store)));
    const emission = strict.emit('order.placed');
    expect(storedWhenHandled).toEqual([]);
    await emission;
    expect(storedWhenHandled).toEqual([['order.placed']]);
  });

  it('S2 rejects persisted when the commit fails after every request has succeeded, and goes on', async () => {
    const failures: string[] = [];
    const store = indexedDbStore({ name: newName() });
    await using bus = createEventBus({ store, onError: ({ stage }) => failures.push(stage) });
    await bus.emit('first').persisted;
    abortCommits(1, 'QuotaExceededError');
    await expect(bus.emit('lost').persisted).rejects.toMatchObject({
      code: 'STORE_FAILED',
      operation: 'append',
      message: expect.stringContaining('space'),
      cause: expect.objectContaining({ name: 'QuotaExceededError' }),
    });
    await bus.emit('last').persisted;
    expect(await typesIn(store)).toEqual(['first', 'last']);
    expect(failures).toEqual(['store']);
  });

  it('S2 rejects persisted for the event alone that cannot be cloned', async () => {
    const store = indexedDbStore({ name: newName() });
    await using bus = createEventBus({ store, onError: () => {} });
    const [before, bad, after] = [bus.emit('before'), bus.emit('bad', { node: document.body }), bus.emit('after')];
    await expect(bad.persisted).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE', type: 'bad', path: 'data.node' });
    await Promise.all([before.persisted, after.persisted]);
    expect(await typesIn(store)).toEqual(['before', 'after']);
  });

  it('S3 stores what was emitted before it is closed', async () => {
    const name = newName();
    const bus = createEventBus({ store: indexedDbStore({ name }) });
    for (let i = 0; i < 600; i++) bus.emit('tick', { i });
    await bus.close();
    expect(await typesIn(newStore(name))).toHaveLength(600);
  });

  it('S4 finds a chain of causes by its correlation id', async () => {
    await using bus = createEventBus({ store: indexedDbStore({ name: newName() }) });
    bus.on('order.placed', (_, delivery) => void delivery.emit('mail.sent'));
    const { event } = bus.emit('order.placed');
    bus.emit('order.placed');
    await bus.idle();
    const chain: string[] = [];
    for await (const stored of bus.history({ correlationId: event.correlationId })) chain.push(stored.event.type);
    expect(chain).toEqual(['order.placed', 'mail.sent']);
  });
});
