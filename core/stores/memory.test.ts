import { describe, expect, it } from 'vitest';
import { createEventBus, type EventStore, type HistoryQuery, type Transport, type TransportHost } from '../index.js';
import { record, records } from '../testing/store-conformance/case.js';
import { eventStoreConformance } from '../testing/store-conformance.js';
import { memoryStore } from './memory.js';

async function typesIn(store: EventStore, query?: HistoryQuery): Promise<readonly string[]> {
  const types: string[] = [];
  for await (const stored of store.read(query)) types.push(stored.record.type);
  return types;
}

/** Two transports that lead to each other. */
function connected(): readonly [Transport, Transport] {
  const hosts: (TransportHost | undefined)[] = [];
  const end = (own: number): Transport => ({
    name: `end-${own}`,
    caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: Number.POSITIVE_INFINITY },
    open: (host) => {
      hosts[own] = host;
      host.state('open');
    },
    publish: (sent) => hosts[1 - own]?.receive(structuredClone(sent)),
    close: () => {
      hosts[own] = undefined;
    },
  });
  return [end(0), end(1)];
}

describe('a memory store', () => {
  for (const { name, run } of eventStoreConformance((log) => memoryStore({ name: log }))) it(name, run);
});

describe('a memory store given to several buses', () => {
  const logs = new Map<string, EventStore>();
  const sameForAll = (log: string): EventStore => {
    const store = logs.get(log) ?? memoryStore({ name: log, shared: true });
    logs.set(log, store);
    return store;
  };
  // Whom it is closed by it cannot know, so it stays open for the others.
  const cases = eventStoreConformance(sameForAll).filter(({ name }) => !name.includes('once it is closed'));
  for (const { name, run } of cases) it(name, run);

  it('S1 gets each event once, from the bus that emitted it, when its buses are connected', async () => {
    const store = memoryStore({ shared: true });
    const [left, right] = connected();
    const [one, other] = [
      createEventBus({ store, transports: [left] }),
      createEventBus({ store, transports: [right] }),
    ];
    const heard: string[] = [];
    other.on('**', (event) => void heard.push(event.type));
    one.on('**', (event) => void heard.push(event.type));
    const ref = await one.emit('one.said').persisted;
    await other.emit('other.said').persisted;
    await Promise.all([one.idle(), other.idle()]);
    expect(heard.sort()).toEqual(['one.said', 'one.said', 'other.said', 'other.said']);
    expect(ref).toEqual({ store: store.id, offset: 1 });
    expect(await typesIn(store)).toEqual(['one.said', 'other.said']);
  });

  it('S3 stays open when one of its buses is closed', async () => {
    const store = memoryStore({ shared: true });
    const [one, other] = [createEventBus({ store }), createEventBus({ store })];
    one.emit('one.said');
    await one.close();
    await other.emit('other.said').persisted;
    expect(await typesIn(store)).toEqual(['one.said', 'other.said']);
  });
});

describe('a bounded memory store', () => {
  it('S1 drops the oldest events beyond maxEvents and keeps counting offsets', async () => {
    const store = memoryStore({ maxEvents: 3 });
    await store.append([record('a'), record('b')]);
    await store.append([record('c'), record('d')]);
    expect(await typesIn(store)).toEqual(['b', 'c', 'd']);
    expect(await typesIn(store, { order: 'desc', after: 2 })).toEqual(['d', 'c']);
    const [ref] = await store.append([record('e')]);
    expect(ref?.offset).toBe(5);
  });

  it('S1 keeps the newest of an append that is larger than the store', async () => {
    const store = memoryStore({ maxEvents: 2 });
    await store.append(['a', 'b', 'c', 'd', 'e'].map((type) => record(type)));
    expect(await typesIn(store)).toEqual(['d', 'e']);
  });

  it('S4 goes on with the oldest that is left when events are dropped while it is read', async () => {
    const store = memoryStore({ maxEvents: 4 });
    await store.append(['a', 'b', 'c', 'd'].map((type) => record(type)));
    const seen: string[] = [];
    for await (const stored of store.read()) {
      seen.push(stored.record.type);
      if (stored.record.type === 'a') await store.append(records('new', 2));
    }
    expect(seen).toEqual(['a', 'c', 'd']);
  });

  it('S4 ends when all that a reader from the newest had left is dropped', async () => {
    const store = memoryStore({ maxEvents: 2 });
    await store.append(['a', 'b'].map((type) => record(type)));
    const seen: string[] = [];
    for await (const stored of store.read({ order: 'desc' })) {
      seen.push(stored.record.type);
      await store.append(records('new', 2));
    }
    expect(seen).toEqual(['b']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses maxEvents: %s', (maxEvents) => {
    expect(() => memoryStore({ maxEvents })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('a bus with a memory store', () => {
  it('S2 resolves persisted with where the event is, and has it in its history', async () => {
    const store = memoryStore();
    const bus = createEventBus({ store });
    const ref = await bus.emit('user.created', { userId: '1' }).persisted;
    expect(ref).toEqual({ store: store.id, offset: 1 });
    for await (const { offset, event } of bus.history({ pattern: 'user.*' })) {
      expect(offset).toBe(1);
      expect(event.data).toEqual({ userId: '1' });
    }
  });

  it('S2 starts handlers at once when relaxed, and only after the commit when strict', async () => {
    const storedWhenHandled = async (durability: 'relaxed' | 'strict'): Promise<number> => {
      const store = memoryStore();
      const bus = createEventBus({ store, durability });
      let stored = Number.NaN;
      bus.on('order.placed', async () => {
        stored = (await typesIn(store)).length;
      });
      await bus.emit('order.placed');
      return stored;
    };
    expect(await storedWhenHandled('relaxed')).toBe(0);
    expect(await storedWhenHandled('strict')).toBe(1);
  });

  it('S2 stores what persist asks for and nothing else', async () => {
    const store = memoryStore();
    const bus = createEventBus({ store, persist: ['order.**'] });
    bus.emit('order.placed');
    bus.emit('mouse.moved');
    bus.emit('order.line.added');
    await bus.idle();
    expect(await typesIn(store)).toEqual(['order.placed', 'order.line.added']);
  });

  it('S2 rejects persisted for an event that cannot be copied, handles it all the same, and stores the others', async () => {
    const failures: unknown[] = [];
    const store = memoryStore();
    const bus = createEventBus({ store, onError: (failure) => failures.push(failure.stage) });
    const handled: string[] = [];
    bus.on('**', (event) => void handled.push(event.type));
    const before = bus.emit('before');
    const bad = bus.emit('bad', { window: { close: () => {} } });
    const after = bus.emit('after');
    await expect(bad.persisted).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE', path: 'data.window.close' });
    await Promise.all([before.persisted, after.persisted]);
    expect(handled).toEqual(['before', 'bad', 'after']);
    expect(await typesIn(store)).toEqual(['before', 'after']);
    expect(failures).toEqual(['store']);
  });

  it('S3 stores what was emitted before it is closed', async () => {
    const store = memoryStore({ shared: true });
    const bus = createEventBus({ store });
    for (let i = 0; i < 10; i++) bus.emit('tick');
    await bus.close();
    expect(await typesIn(store)).toHaveLength(10);
  });
});

it('S1 has an id that is the same at every look and different in every store', () => {
  const store = memoryStore();
  expect(store.id).toBe(store.id);
  expect(store.id).not.toBe(memoryStore().id);
});

it('S4 keeps what JSON would lose', async () => {
  const store = memoryStore();
  const data = { at: new Date(5), tags: new Set(['a']), big: 12n, bytes: new Uint8Array([1, 2]), missing: undefined };
  await store.append([record('rich', { data })]);
  for await (const stored of store.read()) expect(stored.record.data).toEqual(data);
});
