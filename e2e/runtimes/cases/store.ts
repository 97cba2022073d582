import { isError, ok, rejected, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

/** A value that came out of a `for await`. */
async function gather<T, R>(items: AsyncIterable<T>, pick: (item: T) => R): Promise<R[]> {
  const found: R[] = [];
  for await (const item of items) found.push(pick(item));
  return found;
}

export const storeCases: readonly RuntimeCase[] = [
  {
    name: 'S1 each event has its offset in order of emission, and persisted resolves with it',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/stores/memory': { memoryStore } }) {
      const bus = createEventBus({ store: memoryStore() });
      const refs = await Promise.all([1, 2, 3].map((n) => bus.emit('a', n).persisted));
      same(
        refs.map((ref) => ref?.offset),
        [1, 2, 3],
      );
      await bus.close();
    },
  },
  {
    name: 'S2 relaxed runs handlers at once, strict after the commit; only patterns to be persisted are stored',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/stores/memory': { memoryStore } }) {
      for (const durability of ['relaxed', 'strict'] as const) {
        const bus = createEventBus({ store: memoryStore(), durability, persist: 'kept.*' });
        const log: string[] = [];
        bus.on('*', ({ type }) => void log.push(type));
        const emission = bus.emit('kept.a', 1);
        log.push('emitted');
        same(log, durability === 'relaxed' ? ['kept.a', 'emitted'] : ['emitted'], durability);
        same((await emission).status, 'delivered', 'status');
        same(log.length, 2, 'what happened in the end');
        same(await bus.emit('other.b', 1).persisted, undefined, 'the ref of what is not stored');
        same(await gather(bus.history(), ({ event }) => event.type), ['kept.a'], 'history');
        await bus.close();
      }
    },
  },
  {
    name: 'S3 a bus that closes commits what is pending',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/stores/memory': { memoryStore } }) {
      const store = memoryStore({ shared: true });
      const bus = createEventBus({ store });
      const { persisted } = bus.emit('a', 1);
      await bus.close();
      same((await persisted)?.offset, 1, 'the offset');
      same(await gather(store.read(), ({ record }) => record.data), [1], 'the store');
    },
  },
  {
    name: 'S4 history is read by pattern, chain, offset and limit, in both directions, as structured copies',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/stores/memory': { memoryStore } }) {
      const bus = createEventBus({ store: memoryStore() });
      const first = bus.emit('order.placed', { at: new Date(5), lines: new Map([['tea', 2n]]) });
      bus.emit('order.paid', { n: 2 }, { cause: first.event });
      bus.emit('user.created', { n: 3 });
      await bus.idle();
      const types = (query: Parameters<typeof bus.history>[0]): Promise<string[]> =>
        gather(bus.history(query), ({ event }) => event.type);
      same(await types({ pattern: 'order.*' }), ['order.placed', 'order.paid']);
      same(await types({ order: 'desc', limit: 2 }), ['user.created', 'order.paid']);
      same(await types({ correlationId: first.event.id, after: 1 }), ['order.paid']);
      const [copy] = await gather(bus.history({ limit: 1 }), ({ event }) => event);
      const data = copy?.data as { at: Date; lines: Map<string, bigint> };
      ok(data.at instanceof Date && data.at.getTime() === 5, 'a date is a date');
      ok(data.lines instanceof Map && data.lines.get('tea') === 2n, 'a map is a map, with a bigint in it');
      same(copy?.id, first.event.id, 'the id');
      await bus.close();
    },
  },
  {
    name: 'T4 what structured clone refuses is named with its path, and handlers get the event anyway',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus, SerializationError }, 'crosstown/stores/memory': { memoryStore } }) {
      const failures: unknown[] = [];
      const bus = createEventBus({ store: memoryStore(), onError: ({ stage }) => void failures.push(stage) });
      let handled = 0;
      bus.on('a', () => void handled++);
      const bad = bus.emit('a', { items: [1, { run: () => {} }] }).persisted;
      const good = bus.emit('a', 1).persisted;
      const error = await rejected(bad);
      isError(error, 'SerializationError', 'NOT_SERIALIZABLE');
      ok(error instanceof SerializationError, 'it is a SerializationError');
      same([error.type, error.path], ['a', 'data.items[1].run']);
      same((await good)?.offset, 1, 'the offset of the next');
      same({ handled, failures }, { handled: 2, failures: ['store'] });
      await bus.close();
    },
  },
  {
    name: 'T4 a store that fails is told as a StoreError with its cause',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus, StoreError }, 'crosstown/stores/memory': { memoryStore } }) {
      const broken = memoryStore({ name: 'broken' });
      await broken.close();
      const bus = createEventBus({ store: broken, durability: 'strict', onError: () => {} });
      const emission = bus.emit('a', 1);
      const error = await rejected(emission.persisted);
      isError(error, 'StoreError', 'STORE_FAILED');
      ok(error instanceof StoreError, 'it is a StoreError');
      same((await emission).status, 'dropped');
      await bus.close();
    },
  },
];
