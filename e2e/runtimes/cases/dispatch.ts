import { ok, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const dispatchCases: readonly RuntimeCase[] = [
  {
    name: 'D1 handlers run by priority, then by subscription, wildcards alike',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const order: string[] = [];
      const handler = (name: string) => () => void order.push(name);
      bus.on('a.b', handler('exact'));
      bus.on('a.*', handler('wild'));
      bus.on('**', handler('last'), { priority: -1 });
      bus.on('a.b', handler('first'), { priority: 10 });
      bus.on('*', handler('any'));
      same((await bus.emit('a.b', 1)).delivered, 5, 'handlers called');
      same(order, ['first', 'exact', 'wild', 'any', 'last']);
    },
  },
  {
    name: 'D2 the first handler starts before emit returns',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const seen: unknown[] = [];
      bus.on('a', ({ data }) => void seen.push(data));
      bus.emit('a', 7);
      same(seen, [7]);
    },
  },
  {
    name: 'D3 a lower priority starts when those above have settled; one priority starts together',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const log: string[] = [];
      const slow = (name: string, turns: number) => async (): Promise<void> => {
        log.push(`${name} starts`);
        for (let i = 0; i < turns; i++) await undefined;
        log.push(`${name} ends`);
      };
      bus.on('a', slow('x', 10), { priority: 1 });
      bus.on('a', slow('y', 1), { priority: 1 });
      bus.on('a', () => void log.push('z'));
      await bus.emit('a', 1);
      same(log, ['x starts', 'y starts', 'y ends', 'x ends', 'z']);
    },
  },
  {
    name: 'D4 a handler above can cancel, also after a pause, and the result names it',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      let reached = 0;
      const validator = async (event: { cancel(reason: string): void }): Promise<void> => {
        await undefined;
        event.cancel('not today');
      };
      bus.on('a', validator, { priority: 100 });
      bus.on('a', () => void reached++);
      const { status, cancelledBy, delivered, event } = await bus.emit('a', 1);
      same(
        { status, by: cancelledBy?.name, delivered, reason: event.cancelReason, reached },
        { status: 'cancelled', by: 'validator', delivered: 1, reason: 'not today', reached: 0 },
      );
    },
  },
  {
    name: 'D5 an event emitted in a handler waits its turn, and the more urgent goes first',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const log: string[] = [];
      bus.on('a', () => {
        bus.emit('b', 1);
        bus.emit('c', 1);
        bus.emit('urgent', 1, { priority: 5 });
        log.push('a one');
      });
      bus.on('a', () => void log.push('a two'));
      for (const type of ['b', 'c', 'urgent']) bus.on(type, (event) => void log.push(event.type));
      bus.emit('a', 1);
      same(log, ['a one', 'a two', 'urgent', 'b', 'c']);
    },
  },
  {
    name: 'D5 10,000 events, each emitted in the handler of the one before, do not overflow the stack',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      let handled = 0;
      bus.on('step', ({ data }) => {
        handled++;
        if ((data as number) < 10_000) bus.emit('step', (data as number) + 1);
      });
      const { status } = await bus.emit('step', 1);
      same({ status, handled }, { status: 'delivered', handled: 10_000 });
    },
  },
  {
    name: 'D6 who unsubscribed is never called again, and who was added starts with the next event',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const log: string[] = [];
      const stop = new AbortController();
      bus.on('a', () => {
        log.push('first');
        off();
        stop.abort();
        bus.on('a', () => void log.push('added'));
      });
      const off = bus.on('a', () => void log.push('gone'));
      bus.on('a', () => void log.push('aborted'), { signal: stop.signal });
      bus.emit('a', 1);
      same(log, ['first']);
      bus.emit('a', 2);
      same(log, ['first', 'first', 'added']);
    },
  },
  {
    name: 'D7 the same function subscribed twice is two subscriptions, and off removes both',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      let calls = 0;
      const handler = (): void => void calls++;
      bus.on('a', handler);
      bus.on('a', handler);
      bus.emit('a', 1);
      same(calls, 2);
      bus.off('a', handler);
      bus.emit('a', 1);
      same(calls, 2);
    },
  },
  {
    name: 'D8 once calls its handler once, though that emits the same event, and keeps it while the filter refuses',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const seen: unknown[] = [];
      const odd = { filter: ({ data }: { data: unknown }): boolean => (data as number) % 2 === 1 };
      bus.once(
        'a',
        ({ data }) => {
          seen.push(data);
          bus.emit('a', 3);
        },
        odd,
      );
      for (const n of [0, 1, 5]) bus.emit('a', n);
      same(seen, [1]);
    },
  },
  {
    name: 'D11 any thenable is waited for, and its then is read once',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      let reads = 0;
      let settled = false;
      const thenable = Object.defineProperty({}, 'then', {
        get: () => {
          reads++;
          return async (done: () => void): Promise<void> => {
            await undefined;
            settled = true;
            done();
          };
        },
      });
      bus.on('a', () => thenable);
      const { failures } = await bus.emit('a', 1);
      same({ reads, settled, failures }, { reads: 1, settled: true, failures: [] });
    },
  },
  {
    name: 'D12 an event nobody hears is delivered to nobody, and has an envelope for who asks',
    async run({ crosstown: { createEventBus } }) {
      const result = await createEventBus().emit('a', { n: 1 });
      same([result.status, result.delivered, result.event.data], ['delivered', 0, { n: 1 }]);
      ok(result.event.timestamp >= 0, 'it has a timestamp');
    },
  },
];
