import type { BusEvent, EventBus } from 'crosstown';
import { ok, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';
import type { Package } from '../package.js';

/** The worker itself, as other requests reach it. */
export interface Self {
  fetch(url: string): Promise<Response>;
}

/** What a request lets its handler do after the response. */
export interface RequestContext {
  waitUntil(work: Promise<unknown>): void;
}

/** What holds at module scope alone, where workerd forbids timers, randomness and IO, and the clock stands still. */
export const moduleScopeCases: readonly RuntimeCase[] = [
  {
    name: 'E1 where the clock stands at 0 an event is of that time',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.on('a', () => {});
      const { event, delivered } = await bus.emit('a', 1);
      same([Date.now(), event.timestamp, delivered], [0, 0, 1]);
    },
  },
  {
    name: 'E2 where there is no randomness, an id is refused by the runtime when it is read, and not before',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.on('a', () => {});
      const { event } = bus.emit('a', { n: 1 });
      same([event.type, event.data, event.metadata], ['a', { n: 1 }, {}]);
      ok(
        thrown(() => event.id),
        'the id is refused',
      );
    },
  },
  {
    name: 'D9 where no dead letter can be named a handler that fails stops nobody all the same, now and afterwards',
    async run({ crosstown: { createEventBus } }) {
      const reported: unknown[] = [];
      const bus = createEventBus({ onError: ({ stage, error }) => void reported.push([stage, String(error)]) });
      let others = 0;
      bus.on('a', () => {
        throw new RangeError('sync');
      });
      bus.on('a', async () => Promise.reject(new TypeError('async')));
      bus.on('a', () => void others++, { priority: -1 });
      for (let round = 1; round <= 2; round++) {
        const { status, delivered, failures } = await bus.emit('a', 1);
        same([status, delivered, failures.length, others], ['delivered', 3, 2, round], `round ${round}`);
      }
      const own = [
        ['handler', 'RangeError: sync'],
        ['handler', 'TypeError: async'],
      ];
      same(
        reported.filter((each) => (each as string[])[0] === 'handler'),
        [...own, ...own],
      );
      await bus.idle();
    },
  },
];

/** Buses that live at module scope, as an application's would, and are used by many requests. */
export class SharedBuses {
  readonly #plain: EventBus;
  readonly #stored: EventBus;
  /** What the handler subscribed at module scope has heard. */
  readonly #heard: { type: string; timestamp: number; id: string }[] = [];
  readonly #early: BusEvent;
  #heardByOther = 0;
  #finished = 0;

  constructor({ crosstown: { createEventBus }, 'crosstown/stores/memory': { memoryStore } }: Package) {
    this.#plain = createEventBus({ source: 'module' });
    this.#stored = createEventBus({ store: memoryStore(), durability: 'strict' });
    this.#plain.on('order.*', ({ type, timestamp, id }) => void this.#heard.push({ type, timestamp, id }));
    this.#plain.on('slow', async ({ data }) => {
      await new Promise((resolve) => setTimeout(resolve, data as number));
      this.#finished++;
    });
    this.#plain.on('early', () => {});
    this.#early = this.#plain.emit('early', 1).event;
  }

  /** What another request does with these buses. */
  async answer(url: URL, context: RequestContext): Promise<Response> {
    const said = url.searchParams.get('data');
    if (url.pathname === '/subscribe') this.#plain.on('news', () => void this.#heardByOther++);
    if (url.pathname === '/store') await this.#stored.emit('kept', said).persisted;
    if (url.pathname === '/wait') return Response.json((await this.#plain.emit('slow', Number(said))).status);
    if (url.pathname === '/leave') {
      this.#plain.emit('slow', Number(said));
      context.waitUntil(this.#plain.idle());
    }
    return Response.json('done');
  }

  /** What a request must find. */
  cases(self: Self): readonly RuntimeCase[] {
    const request = async (path: string): Promise<unknown> => (await self.fetch(`http://self${path}`)).json();
    return [
      {
        name: 'D2 what subscribed at module scope hears what a request emits, at the time of the request',
        run: async () => {
          const before = Date.now();
          const { event, delivered } = await this.#plain.emit('order.placed', 1);
          same([delivered, this.#heard.at(-1)?.id], [1, event.id]);
          ok(before > 1_700_000_000_000 && event.timestamp >= before, 'its time is now');
        },
      },
      {
        name: 'E2 an event emitted at module scope has an id in a request, which sorts before those of requests',
        run: () => {
          const { id, timestamp } = this.#early;
          same([timestamp, id.slice(0, 15)], [0, '00000000-0000-7']);
          ok(id < this.#plain.emit('order.paid', 1).event.id, 'the order of ids');
        },
      },
      {
        name: 'D1 what one request subscribed hears what another emits',
        run: async () => {
          await request('/subscribe');
          const { delivered } = await this.#plain.emit('news', 1);
          same([delivered, this.#heardByOther], [1, 1]);
        },
      },
      {
        name: 'D3 requests at the same time each await the handlers of their own events',
        run: async () => {
          const all = ['/wait?data=30', '/wait?data=1', '/wait?data=10'].map(request);
          const own = await this.#plain.emit('slow', 5);
          same([await Promise.all(all), own.status], [Array(3).fill('delivered'), 'delivered']);
          same(this.#plain.stats().inFlight, 0, 'in flight');
        },
      },
      {
        name: 'D3 what a request left to waitUntil with idle goes on after its response, and another can wait for it',
        run: async () => {
          const before = this.#finished;
          await request('/leave?data=20');
          same([this.#finished, this.#plain.stats().inFlight], [before, 1], 'finished, and in flight');
          await this.#plain.idle({ timeoutMs: 5_000 });
          same([this.#finished, this.#plain.stats().inFlight], [before + 1, 0], 'finished, and in flight');
        },
      },
      {
        name: 'S4 what several requests stored is read by another, in order',
        run: async () => {
          for (const data of ['a', 'b']) await request(`/store?data=${data}`);
          await this.#stored.emit('kept', 'c').persisted;
          const found: unknown[] = [];
          for await (const { event } of this.#stored.history()) found.push(event.data);
          same(found, ['a', 'b', 'c']);
        },
      },
    ];
  }
}
