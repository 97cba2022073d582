import { gate, isError, ok, rejected, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const lifeCases: readonly RuntimeCase[] = [
  {
    name: 'D3 idle resolves when what began has settled, and what it caused',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const { opened, open } = gate();
      const log: string[] = [];
      bus.on('a', async () => {
        await opened;
        bus.emit('b', 1);
        log.push('a settled');
      });
      bus.on('b', async () => {
        await undefined;
        log.push('b settled');
      });
      bus.emit('a', 1);
      const idle = bus.idle().then(() => log.push('idle'));
      same(bus.stats().inFlight, 1, 'in flight');
      open();
      await idle;
      same(log, ['a settled', 'b settled', 'idle']);
      await createEventBus().idle();
    },
  },
  {
    name: 'D3 idle gives up when its time is over, and says what is in flight',
    needs: ['timers'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.on('a', () => new Promise(() => {}));
      bus.emit('a', 1);
      isError(await rejected(bus.idle({ timeoutMs: 5 })), 'IdleTimeoutError', 'IDLE_TIMEOUT');
    },
  },
  {
    name: 'D10 what waits in the queue of a bus that closes is dropped, and nothing runs afterwards',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const handled: string[] = [];
      let waiting: PromiseLike<{ status: string }> | undefined;
      let closed: Promise<void> | undefined;
      bus.on('*', ({ type }) => void handled.push(type));
      bus.on('a', () => {
        waiting = bus.emit('b', 1);
        closed = bus.close();
      });
      bus.emit('a', 1);
      await closed;
      same([(await waiting)?.status, handled], ['dropped', ['a']]);
    },
  },
  {
    name: 'D6 a signal that aborts unsubscribes, and one that did before never subscribes',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const stop = new AbortController();
      let calls = 0;
      const subscriptions = Array.from({ length: 100 }, () => bus.on('a', () => void calls++, { signal: stop.signal }));
      bus.emit('a', 1);
      stop.abort();
      bus.emit('a', 1);
      const late = bus.on('a', () => void calls++, { signal: stop.signal });
      bus.emit('a', 1);
      same(
        { calls, active: subscriptions.filter(({ active }) => active).length, late: late.active },
        { calls: 100, active: 0, late: false },
      );
    },
  },
  {
    name: 'D6 a subscription is paused, resumed and drained by its handle',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const log: unknown[] = [];
      const { opened, open } = gate();
      const sub = bus.on('a', async ({ data }) => {
        await opened;
        log.push(data);
      });
      sub.pause();
      bus.emit('a', 'passed by');
      sub.resume();
      bus.emit('a', 'heard');
      same([sub.pattern, sub.active, sub.paused], ['a', true, false]);
      const drained = sub.drain().then(() => log.push('drained'));
      bus.emit('a', 'too late');
      open();
      await drained;
      same([log, sub.active], [['heard', 'drained'], false]);
    },
  },
  {
    name: 'D6 a subscription and a bus are disposable',
    needs: ['Symbol.dispose'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      let calls = 0;
      const sub = bus.on('a', () => void calls++);
      bus.emit('a', 1);
      sub[Symbol.dispose]();
      bus.emit('a', 1);
      same({ calls, active: sub.active }, { calls: 1, active: false });
      await bus[Symbol.asyncDispose]();
      ok(await rejected((async () => bus.emit('a', 1))()), 'the bus is closed');
    },
  },
  {
    name: 'I4 a bus counts what it does',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const off = bus.on('a', () => {});
      bus.once('b', (event) => event.cancel());
      bus.emit('nobody', 1);
      for (const type of ['a', 'a', 'b']) await bus.emit(type, 1);
      const { emitted, received, dropped, failures, inFlight, cancelled, subscriptions } = bus.stats();
      same(
        { emitted, received, dropped, failures, inFlight, cancelled, subscriptions },
        { emitted: 4, received: 0, dropped: 0, failures: 0, inFlight: 0, cancelled: 1, subscriptions: 1 },
      );
      off();
      same(bus.subscriptions(), [], 'subscriptions');
    },
  },
  {
    name: 'I4 with timing a bus knows how often and how long each handler was called',
    needs: ['clock'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ timing: true });
      bus.on('a', () => {}, { name: 'quick' });
      for (let n = 0; n < 3; n++) await bus.emit('a', n);
      const [timing, ...more] = bus.stats().handlers;
      same([timing?.handler.name, timing?.calls, more.length], ['quick', 3, 0]);
      ok((timing?.maxMs ?? -1) >= 0 && (timing?.p50Ms ?? -1) >= 0, 'durations are numbers');
    },
  },
  {
    name: 'I5 with traceSubscriptions the bus says which file subscribed, as this engine writes it',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ traceSubscriptions: true });
      for (let i = 0; i < 3; i++) bus.on('a.*', () => {});
      bus.once('b', () => {});
      const [most] = bus.subscriptions();
      same([most?.pattern, most?.count, most?.sites.length, most?.sites[0]?.count], ['a.*', 3, 1, 3]);
      ok(/suite\.js/.test(most?.sites[0]?.at ?? ''), `"${most?.sites[0]?.at}" names this file`);
    },
  },
];
