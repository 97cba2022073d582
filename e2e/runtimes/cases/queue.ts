import { gate, isError, ok, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';

/** Ids that need no randomness, so that events with a cause can be emitted where there is none. */
const counted = (): (() => string) => {
  let last = 0;
  return () => `id-${++last}`;
};

export const queueCases: readonly RuntimeCase[] = [
  {
    name: 'Q1 no more events are in flight than may be, and those that one in flight causes are not held up',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ queue: { concurrency: 1 }, createId: counted() });
      const { opened, open } = gate();
      const log: unknown[] = [];
      bus.on('parent', async ({ data }, delivery) => {
        log.push(`${data} starts`);
        await opened;
        await delivery.emit('child', data);
        log.push(`${data} ends`);
      });
      bus.on('child', async ({ data }) => {
        await undefined;
        log.push(`child of ${data}`);
      });
      const all = [1, 2].map((n) => bus.emit('parent', n));
      same(log, ['1 starts'], 'what runs');
      open();
      for (const one of all) same((await one).status, 'delivered');
      same(log, ['1 starts', 'child of 1', '1 ends', '2 starts', 'child of 2', '2 ends']);
    },
  },
  {
    name: 'Q1 an event for which there is no room is refused, or dropped, as the bus says',
    async run({ crosstown: { createEventBus } }) {
      const fill = (overflow: 'reject' | 'dropOldest' | 'dropNewest') => {
        const bus = createEventBus({ queue: { concurrency: 1, maxSize: 2, overflow } });
        const { opened, open } = gate();
        bus.on('*', () => opened);
        return { open, all: [0, 1, 2].map((n) => bus.emit('a', n)), more: () => bus.emit('a', 3) };
      };
      isError(thrown(fill('reject').more), 'QueueFullError', 'QUEUE_FULL');
      for (const overflow of ['dropOldest', 'dropNewest'] as const) {
        const { open, all, more } = fill(overflow);
        const emissions = [...all, more()];
        open();
        const statuses = [];
        for (const one of emissions) statuses.push((await one).status);
        same(statuses.indexOf('dropped'), overflow === 'dropOldest' ? 1 : 3, overflow);
        same(statuses.filter((status) => status === 'delivered').length, 3, 'delivered');
      }
    },
  },
  {
    name: 'Q2 a subscription with concurrency 1 is called for one event after the other',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const log: string[] = [];
      const handler = async ({ data }: { readonly data: unknown }): Promise<void> => {
        log.push(`${data} starts`);
        for (let turn = 0; turn < 10 - Number(data); turn++) await undefined;
        log.push(`${data} ends`);
      };
      bus.on('a', handler, { concurrency: 1 });
      for (const n of [1, 2, 3]) bus.emit('a', n);
      await bus.idle();
      same(log, ['1 starts', '1 ends', '2 starts', '2 ends', '3 starts', '3 ends']);
    },
  },
  {
    name: 'Q3 an event whose turn comes too late has expired',
    async run({ crosstown: { createEventBus, systemClock } }) {
      let now = 1_000;
      const bus = createEventBus({ clock: { ...systemClock, now: () => now }, queue: { concurrency: 1 } });
      const { opened, open } = gate();
      const handled: unknown[] = [];
      bus.on('a', ({ data }) => {
        handled.push(data);
        return opened;
      });
      const emissions = [
        bus.emit('a', 'first', { ttlMs: 5 }),
        bus.emit('a', 'late', { ttlMs: 5 }),
        bus.emit('a', 'patient', { ttlMs: 50 }),
      ];
      now = 1_010;
      open();
      const statuses = [];
      for (const one of emissions) statuses.push((await one).status);
      same({ statuses, handled }, { statuses: ['delivered', 'expired', 'delivered'], handled: ['first', 'patient'] });
    },
  },
  {
    name: 'Q5 a handler gets events by the batch: full ones, what has waited long enough, and the rest when the bus closes',
    needs: ['timers'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const batches: (readonly unknown[])[] = [];
      bus.on('a', async (events) => void batches.push(events.map(({ data }) => data)), {
        batch: { size: 2, maxWaitMs: 5 },
      });
      const emissions = [1, 2, 3].map((n) => bus.emit('a', n));
      same(batches, [[1, 2]], 'full');
      await Promise.all(emissions);
      same(batches, [[1, 2], [3]], 'waited');
      bus.emit('a', 4);
      await bus.close();
      same(batches, [[1, 2], [3], [4]], 'closed');
    },
  },
  {
    name: 'Q4 events that emit one another without an end are stopped, with the chain of their types',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const errors: unknown[] = [];
      const bus = createEventBus({
        queue: { maxDepth: 50 },
        onError: ({ error }) => void errors.push(error),
      });
      let handled = 0;
      const other: Readonly<Record<string, string>> = { ping: 'pong', pong: 'ping' };
      bus.on(['ping', 'pong'], ({ type }, { emit }) => {
        handled++;
        emit(other[type] as string, 1);
      });
      await bus.emit('ping', 1);
      await bus.idle();
      same([handled, errors.length], [50, 1], 'handled and failed');
      isError(errors[0], 'DepthLimitError', 'DEPTH_LIMIT');
      ok(/ping → pong → ping/.test(String(errors[0])), `${errors[0]} names the chain`);
    },
  },
];
