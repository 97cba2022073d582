import type { BusEvent } from 'crosstown';
import { gate, isError, ok, rejected, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const entryCases: readonly RuntimeCase[] = [
  {
    name: 'rateLimit vetoes what exceeds the rate, and lets events pass again later',
    async run({
      crosstown: { createEventBus },
      'crosstown/middleware/rate-limit': { rateLimit },
      'crosstown/testing': { SimulatedClock },
    }) {
      const clock = new SimulatedClock();
      const bus = createEventBus({ clock });
      bus.use(rateLimit({ limit: 2, windowMs: 1_000, pattern: 'limited', clock }));
      const statuses: string[] = [];
      for (const type of ['limited', 'limited', 'limited', 'free']) statuses.push((await bus.emit(type, 1)).status);
      same(statuses, ['delivered', 'delivered', 'vetoed', 'delivered']);
    },
  },
  {
    name: 'aggregate makes one event of those of a key and a window, on simulated time',
    needs: ['timers', 'randomness'],
    async run({
      crosstown: { createEventBus },
      'crosstown/flows/aggregate': { aggregate },
      'crosstown/testing': { SimulatedClock },
    }) {
      const clock = new SimulatedClock();
      const bus = createEventBus({ clock });
      const sums: unknown[] = [];
      bus.on('sum', (event) => sums.push(event.data));
      await bus.install(
        aggregate({
          on: 'step',
          key: (event) => String(event.data),
          mode: 'debounce',
          windowMs: 50,
          emit: 'sum',
          summarize: (events, key) => `${key}: ${events.length}`,
        }),
      );
      for (const data of ['a', 'b', 'a']) bus.emit('step', data);
      await clock.advance(50);
      same(sums, ['a: 2', 'b: 1']);
    },
  },
  {
    name: 'createBatcher emits full batches at once, and the rest when its bus closes',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/flows/batch': { createBatcher } }) {
      const bus = createEventBus();
      const batches: unknown[] = [];
      bus.on('batch', (event) => batches.push(event.data));
      const batcher = createBatcher(bus, { type: 'batch', size: 2, intervalMs: 60_000 });
      for (const item of [1, 2, 3]) batcher.add(item);
      same(batches, [{ items: [1, 2] }]);
      await bus.close();
      same(batches, [{ items: [1, 2] }, { items: [3] }]);
    },
  },
  {
    name: 'correlate gives one correlation id to what a function emits, and chained takes it along',
    needs: ['randomness', 'timers'],
    async run({ crosstown: { createEventBus }, 'crosstown/flows/correlate': { chained, correlate } }) {
      const bus = createEventBus();
      const app = chained(bus);
      const events: BusEvent[] = [];
      bus.on('*', (event) => void events.push(event));
      const joins = await correlate(bus, async (chain) => {
        chain.emit('a');
        await new Promise((resolve) => setTimeout(resolve));
        chain.emit('b');
        const known = app.correlationId === chain.correlationId;
        app.emit('c');
        return known;
      });
      const [a, b, c] = events;
      same([b?.correlationId, b?.causationId], [a?.correlationId, a?.id], 'what the chain emits');
      const expected = joins ? [a?.correlationId, a?.id] : [c?.id, undefined];
      same([c?.correlationId, c?.causationId], expected, 'what the view emits');
    },
  },
  {
    name: 'I6 bestPractices says what could be better, and of a chain that breaks in a synchronous handler',
    needs: ['randomness'],
    async run({
      crosstown: { createEventBus },
      'crosstown/inspect/best-practices': { bestPractices },
      'crosstown/testing': { SimulatedClock },
    }) {
      const clock = new SimulatedClock();
      const bus = createEventBus({ clock, onError: () => {} });
      const said: string[] = [];
      bus.inspect(bestPractices({ report: ({ rule, type }) => void said.push(`${rule} ${type}`) }));
      bus.on('order.placed', (_, { emit }) => {
        emit('mail.sent', { to: 'ada' });
        bus.emit('stock.reserved', { orderId: '1' });
      });
      await bus.emit('order.placed', { orderId: '1' });
      bus.emit('user_thing', { id: 123, stuff: [] });
      bus.emit('order.placd', { orderId: '1' });
      await clock.advance(1_000);
      bus.emit('order.closed', new Proxy({}, { ownKeys: () => ok(false, 'it throws') as never }));
      const name = 'user_thing';
      const expected = [
        'broken-chain stock.reserved',
        `vague-type ${name}`,
        `type-style ${name}`,
        `vague-field ${name}`,
      ];
      same(said, [...expected, 'unheard-type order.placd']);
    },
  },
  {
    name: 'logger writes a line with the ids of an event when its handlers have settled',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/middleware/logger': { logger } }) {
      const lines: string[] = [];
      const { opened, open } = gate();
      const bus = createEventBus();
      bus.use(logger({ write: (line) => void lines.push(line) }));
      bus.on('a', () => opened);
      const emission = bus.emit('a', 1);
      same(lines, [], 'lines before the handler has settled');
      open();
      const { event } = await emission;
      await bus.idle();
      same(lines.length, 1, 'lines');
      const [line = ''] = lines;
      ok(line.includes(` a delivered source=app id=${event.id} `), `"${line}" says what happened to which event`);
    },
  },
  {
    name: 'G6 aesGcm seals a record that opens as it was, and not when it was changed',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/codecs/aes-gcm': { aesGcm, keyring } }) {
      const { event } = createEventBus().emit(
        'card.encrypted',
        { n: 4111, deep: [null] },
        { metadata: { tenant: 'a' } },
      );
      const codec = aesGcm({ keys: keyring({ current: 'k1', keys: { k1: new Uint8Array(32) } }) });
      const sealed = JSON.parse(JSON.stringify(await codec.encode(event.toRecord())));
      ok(!JSON.stringify(sealed).includes('4111'), 'it shows nothing of its data');
      same(await codec.decode(sealed), event.toRecord(), 'the record');
      for (const changed of [{ ...sealed, source: 'b' }, { ...sealed, metadata: {} }, event.toRecord()]) {
        isError(await rejected(Promise.resolve(codec.decode(changed))), 'CodecError', 'CODEC_FAILED');
      }
      const stranger = aesGcm({ keys: keyring({ current: 'k2', keys: { k2: new Uint8Array(32) } }) });
      ok((await stranger.decode(sealed)) === sealed, 'it stays sealed without the key');
    },
  },
  {
    name: 'G6 seal and open do so for one event, with keys that were derived and cannot be exported',
    needs: ['randomness'],
    async run({ 'crosstown/codecs/aes-gcm': { keyFromPassphrase, keyFromSecret, keyring, open, seal } }) {
      const salt = new Uint8Array(16);
      const [slow, quick] = [keyFromPassphrase('correct horse', { salt }), keyFromSecret(salt, { info: 'test' })];
      const keys = keyring({ current: 'quick', keys: { quick: await quick, slow: await slow } });
      for (const id of keys.ids) {
        keys.use(id);
        const data = await seal(keys, 'card.encrypted', { n: 1 });
        same([data.kid, await open(keys, { type: 'card.encrypted', data })], [id, { n: 1 }]);
        ok(await rejected(crypto.subtle.exportKey('raw', (await keys.opening(id)) as CryptoKey)), 'no export');
      }
    },
  },
  {
    name: 'a class is a plugin, and its decorated methods are handlers while it is installed',
    needs: ['timers'],
    async run({
      crosstown: { createEventBus },
      'crosstown/decorators': { decorate, eventFilter, eventHandler, Plugin },
    }) {
      const seen: string[] = [];
      class Notes extends Plugin {
        protected override initialize(): void {
          seen.push('initialized');
        }
        protected override cleanup(): void {
          seen.push('cleaned up');
        }
        note({ type, data }: BusEvent): void {
          seen.push(`${this.name} ${type} ${data}`);
        }
        static {
          const isOdd = eventFilter(({ data }) => (data as number) % 2 === 1);
          decorate(Notes, 'note', eventHandler('noted'), isOdd);
        }
      }
      const bus = createEventBus();
      const installed = await bus.install(new Notes());
      for (const data of [1, 2, 3]) await bus.emit('noted', data);
      await installed.uninstall();
      await bus.emit('noted', 5);
      same(seen, ['initialized', 'Notes noted 1', 'Notes noted 3', 'cleaned up']);
    },
  },
  {
    name: 'a test bus runs retries and timeouts when its clock is told to, and shows what happened',
    needs: ['timers'],
    async run({ 'crosstown/testing': { createTestEventBus } }) {
      const bus = createTestEventBus();
      let calls = 0;
      const flaky = (): void => {
        if (++calls < 3) throw new Error('not yet');
      };
      bus.on('order.placed', flaky, { retry: { attempts: 3, delayMs: 60_000, jitter: 0 } });
      bus.on('order.placed', async (_, { emit }) => {
        await emit('mail.sent', 1);
      });
      const waited = bus.waitFor('never', { timeoutMs: 600_000 }).catch((error: Error) => error.name);
      bus.emit('order.placed', 1);
      await bus.processEvents();
      same([calls, bus.emitted.map(({ type }) => type)], [1, ['order.placed', 'mail.sent']]);
      await bus.clock.advance(60_000 + 120_000);
      same([calls, bus.getErrorCount()], [3, 0], 'calls and errors');
      await bus.clock.advance(600_000);
      same(await waited, 'WaitTimeoutError');
    },
  },
];
