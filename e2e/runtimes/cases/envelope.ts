import { isError, ok, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';

const uuidv7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** Ids that need no randomness, so that the case also runs where there is none. */
const counted = (): (() => string) => {
  let last = 0;
  return () => `id-${++last}`;
};

export const envelopeCases: readonly RuntimeCase[] = [
  {
    name: 'E1 an event has every field of the envelope',
    needs: ['randomness'],
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ source: 'shop' });
      const before = Date.now();
      const { event } = bus.emit('user.created', { id: 1 }, { metadata: { tenant: 'a' }, priority: 2 });
      ok(event.timestamp >= before && event.timestamp <= Date.now(), 'it was emitted now');
      ok(Number.isInteger(event.timestamp), 'its timestamp is whole');
      const { type, source, data, metadata, priority, causationId, correlationId, id } = event;
      same(
        { type, source, data, metadata, priority, causationId },
        {
          type: 'user.created',
          source: 'shop',
          data: { id: 1 },
          metadata: { tenant: 'a' },
          priority: 2,
          causationId: undefined,
        },
      );
      same(correlationId, id, 'the correlation id');
    },
  },
  {
    name: 'E2 ids are UUIDv7 of the timestamp, and sort in order of emission however late they are read',
    needs: ['randomness'],
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.on('*', () => {});
      const events = Array.from({ length: 500 }, (_, i) => bus.emit('n', i).event);
      const ids = events.map(({ id }) => id);
      const readBackwards = createEventBus();
      const late = Array.from({ length: 500 }, (_, i) => readBackwards.emit('n', i).event).reverse();
      const lateIds = late.map(({ id }) => id).reverse();
      for (const list of [ids, lateIds]) {
        same(new Set(list).size, 500, 'different ids');
        same([...list].sort(), list, 'the order of ids');
        ok(
          list.every((id) => uuidv7.test(id)),
          'each is a UUIDv7',
        );
      }
      for (const { id, timestamp } of events) {
        same(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), timestamp, 'the time in the id');
      }
    },
  },
  {
    name: 'E2 timestamps never go back, though the clock does',
    run({ crosstown: { createEventBus, systemClock } }) {
      const times = [5, 3, 0, 7];
      const bus = createEventBus({ clock: { ...systemClock, now: () => times.shift() ?? 9 } });
      bus.on('n', () => {});
      same(
        [0, 1, 2, 3].map((n) => bus.emit('n', n).event.timestamp),
        [5, 5, 5, 7],
      );
    },
  },
  {
    name: 'E3 an event caused by another carries its correlation id, and names it as its cause',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ createId: counted() });
      const seen: (string | undefined)[][] = [];
      bus.on('*', ({ type, id, correlationId, causationId }) => {
        seen.push([type, id, correlationId, causationId]);
      });
      bus.on('a', (_, { emit }) => emit('b', 1));
      bus.on('b', async (_, delivery) => {
        await undefined;
        await delivery.emit('c', 1);
      });
      await bus.emit('a', 1);
      await bus.idle();
      bus.emit('d', 1, { cause: { id: 'x', correlationId: 'y' } });
      bus.emit('e', 1, { correlationId: 'z' });
      same(seen, [
        ['a', 'id-1', 'id-1', undefined],
        ['b', 'id-2', 'id-1', 'id-1'],
        ['c', 'id-3', 'id-1', 'id-2'],
        ['d', 'id-4', 'y', 'x'],
        ['e', 'id-5', 'z', undefined],
      ]);
    },
  },
  {
    name: 'E4 the record of an event survives JSON and structured clone',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ createId: counted(), source: 'shop' });
      const { event } = bus.emit('order.placed', { total: 3, at: [1, { deep: null }] }, { metadata: { m: 1 } });
      const record = {
        v: 1,
        id: 'id-1',
        type: 'order.placed',
        timestamp: event.timestamp,
        source: 'shop',
        correlationId: 'id-1',
        data: { total: 3, at: [1, { deep: null }] },
        metadata: { m: 1 },
        priority: 0,
      };
      same(event.toRecord(), record);
      same(JSON.parse(JSON.stringify(event)), record, 'through JSON');
      same(structuredClone(event.toRecord()), record, 'through structured clone');
    },
  },
  {
    name: 'E5 names of built-in properties are types like any other, and bad types are refused',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const seen: string[] = [];
      const types = ['__proto__', 'constructor', 'toString', 'hasOwnProperty.x', 'größe.東京'];
      for (const type of types) bus.on(type, (event) => void seen.push(event.type));
      for (const type of types) bus.emit(type, 1);
      same(seen, types);
      for (const bad of ['', '.', 'a.', '.a', 'a..b', 'a b', 'a\n', 'a.*', '**', 'x'.repeat(257), 7, undefined]) {
        isError(
          thrown(() => bus.emit(bad as string, 1)),
          'InvalidEventTypeError',
          'INVALID_EVENT_TYPE',
        );
      }
    },
  },
  {
    name: 'E6 types that begin with $ are the bus’s own',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      isError(
        thrown(() => bus.emit('$reply.1', 1)),
        'InvalidEventTypeError',
        'INVALID_EVENT_TYPE',
      );
      ok(
        thrown(() => bus.on('$reply.1', () => {})),
        'nor can they be subscribed to',
      );
    },
  },
  {
    name: 'E7 an event cannot be changed; with freeze, nor can its data',
    run({ crosstown: { createEventBus } }) {
      const metadata = { tenant: 'a' };
      const { event } = createEventBus().emit('a', { n: 1 }, { metadata });
      metadata.tenant = 'b';
      same(event.metadata, { tenant: 'a' }, 'metadata, which is copied');
      ok(Object.isFrozen(event.metadata) && !Object.isFrozen(event.data), 'metadata is frozen, data is not');
      for (const field of ['id', 'type', 'timestamp', 'data', 'metadata', 'cancelled']) {
        ok(
          thrown(() => Reflect.set(event, field, 1) || raise(field)),
          `${field} is read-only`,
        );
      }
      const frozen = createEventBus({ freeze: true });
      frozen.on('a', () => {});
      const { data } = frozen.emit('a', { deep: { list: [1] } }).event as { data: { deep: { list: number[] } } };
      ok(
        thrown(() => data.deep.list.push(2)),
        'frozen data cannot be changed',
      );
    },
  },
];

function raise(what: string): never {
  throw new TypeError(`${what} cannot be set`);
}
