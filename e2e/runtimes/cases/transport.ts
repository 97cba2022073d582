import type { EventBus } from 'crosstown';
import { isError, ok, rejected, same, until } from '../assert.js';
import type { RuntimeCase } from '../case.js';
import { wirePair } from '../wire.js';

let channels = 0;

/** A name no other case and no other run uses. */
const newChannel = (): string => `suite-${crypto.randomUUID()}-${++channels}`;

/** Closes buses. Deno forgets a channel that is opened before the last one of the process has quite closed. */
async function closed(...buses: readonly EventBus[]): Promise<void> {
  await Promise.all(buses.map((bus) => bus.close()));
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Emits on one bus, answers on the other, and looks at both ends. */
async function converse(a: EventBus, b: EventBus): Promise<void> {
  const seen: unknown[][] = [];
  const answered = new Promise<void>((resolve) => {
    a.on('answer', (event, { node }) => {
      seen.push(['a', event.data, event.source, event.correlationId, node]);
      resolve();
    });
  });
  b.on('question', (event, { emit, node }) => {
    seen.push(['b', event.data, event.source, event.correlationId, node]);
    emit('answer', 42);
  });
  a.on('question', () => void seen.push(['a', 'own']));
  const { id } = a.emit('question', { of: 'life' }).event;
  await answered;
  same(seen, [
    ['a', 'own'],
    ['b', { of: 'life' }, 'a', id, a.nodeId],
    ['a', 42, 'b', id, b.nodeId],
  ]);
  same([a.nodes.map((node) => node.source), b.nodes.map((node) => node.source)], [['b'], ['a']], 'the nodes');
  same([a.stats().received, b.stats().received], [1, 1], 'received');
}

export const transportCases: readonly RuntimeCase[] = [
  {
    name: 'T1 two buses talk over a transport of a user’s own, in JSON, and each event is handled once',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const [one, two] = wirePair();
      const a = createEventBus({ source: 'a', transports: [one] });
      const b = createEventBus({ source: 'b', transports: [two] });
      await converse(a, b);
      await a.close();
      await Promise.resolve();
      same(b.nodes, [], 'who is left');
      await b.close();
    },
  },
  {
    name: 'T1 two buses talk over BroadcastChannel, and each event is handled once',
    needs: ['BroadcastChannel', 'timers', 'randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/transports/broadcast-channel': { broadcastChannel } }) {
      const name = newChannel();
      const [a, b] = ['a', 'b'].map((source) => createEventBus({ name, source, transports: [broadcastChannel()] })) as [
        EventBus,
        EventBus,
      ];
      await converse(a, b);
      await a.close();
      await until(() => b.nodes.length === 0, 'a takes leave');
      await closed(b);
    },
  },
  {
    name: 'T2 what is local or not shared never leaves; structured values arrive as they were',
    needs: ['BroadcastChannel', 'timers', 'randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/transports/broadcast-channel': { broadcastChannel } }) {
      const channel = newChannel();
      const a = createEventBus({ transports: [broadcastChannel({ channel })], share: 'shared.**' });
      const b = createEventBus({ transports: [broadcastChannel({ channel })] });
      const arrived: { type: string; data: unknown }[] = [];
      b.on('**', ({ type, data }) => void arrived.push({ type, data }));
      const data = {
        bytes: new Uint8Array([1, 2, 3]),
        big: 2n ** 70n,
        when: new Date(7),
        tags: new Set(['x']),
        error: new RangeError('far'),
      };
      a.emit('private', 1);
      a.emit('shared.local', 1, { local: true });
      a.emit('shared.rich', data);
      a.emit('shared.end', 1);
      await until(() => arrived.length >= 2, 'two events arrive');
      same(
        arrived.map(({ type }) => type),
        ['shared.rich', 'shared.end'],
      );
      const rich = arrived[0]?.data as typeof data;
      ok(rich.bytes instanceof Uint8Array && rich.bytes.join() === '1,2,3', 'bytes');
      ok(rich.big === 2n ** 70n && rich.when.getTime() === 7 && rich.tags.has('x'), 'bigint, date and set');
      ok(rich.error instanceof RangeError && rich.error.message === 'far', 'an error');
      await closed(a, b);
    },
  },
  {
    name: 'T4 what a channel cannot carry is told with its path, and the rest goes on',
    needs: ['BroadcastChannel', 'timers', 'randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/transports/broadcast-channel': { broadcastChannel } }) {
      const channel = newChannel();
      const faults: unknown[] = [];
      const a = createEventBus({
        transports: [broadcastChannel({ channel })],
        onError: ({ stage, error }) => void faults.push([stage, (error as { path?: string }).path]),
      });
      const b = createEventBus({ transports: [broadcastChannel({ channel })] });
      const arrived: unknown[] = [];
      b.on('a', ({ data }) => void arrived.push(data));
      a.emit('a', 1);
      a.emit('a', { f: () => {} });
      a.emit('a', { s: Symbol('s') });
      a.emit('a', 2);
      await until(() => arrived.length === 2, 'two events arrive');
      same(
        { arrived, faults },
        {
          arrived: [1, 2],
          faults: [
            ['transport', 'data.f'],
            ['transport', 'data.s'],
          ],
        },
      );
      await closed(a, b);
    },
  },
  {
    name: 'T5 what is no record is counted and dropped, and the bus goes on',
    needs: ['BroadcastChannel', 'timers', 'randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/transports/broadcast-channel': { broadcastChannel } }) {
      const name = newChannel();
      const bus = createEventBus({ name, transports: [broadcastChannel()] });
      const seen: unknown[] = [];
      bus.on('**', ({ data }) => void seen.push(data));
      const stranger = new BroadcastChannel(name);
      for (const message of ['hello', null, { crosstown: 1, rows: 3 }, [{ v: 9 }]]) stranger.postMessage(message);
      await until(() => bus.stats().dropped === 4, 'four messages are dropped');
      bus.emit('a', 'still here');
      same({ seen, received: bus.stats().received }, { seen: ['still here'], received: 0 });
      stranger.close();
      await closed(bus);
    },
  },
  {
    name: 'T6 where BroadcastChannel does not exist the bus is told, and handlers here get their events',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/transports/broadcast-channel': { broadcastChannel } }) {
      const scope = globalThis as { BroadcastChannel?: unknown };
      const original = Object.getOwnPropertyDescriptor(scope, 'BroadcastChannel');
      delete scope.BroadcastChannel;
      try {
        const failures: unknown[] = [];
        const bus = createEventBus({
          transports: [broadcastChannel()],
          onError: ({ error }) => void failures.push(error),
        });
        let handled = 0;
        bus.on('a', () => void handled++);
        await bus.emit('a', 1);
        await bus.close();
        same([handled, failures.length], [1, 1], 'handled and failed');
        isError(failures[0], 'TransportError', 'TRANSPORT_FAILED');
      } finally {
        if (original !== undefined) Object.defineProperty(scope, 'BroadcastChannel', original);
      }
    },
  },
  {
    name: 'T1 a transport that cannot be opened leaves the bus working',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const [wire] = wirePair();
      const failures: string[] = [];
      const bus = createEventBus({
        transports: [{ ...wire, open: () => Promise.reject(new Error('no route')) }],
        onError: ({ stage }) => void failures.push(stage),
      });
      same((await bus.emit('a', 1)).status, 'delivered');
      await bus.close();
      same(failures, ['transport']);
      ok(await rejected((async () => bus.emit('a', 1))()), 'the bus is closed');
    },
  },
];
