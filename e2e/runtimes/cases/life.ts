import { isError, ok, rejected, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

/** A promise and what fulfils it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

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
      const bus = createEventBus({ onError: () => {} });
      bus.on('a', () => Promise.reject(new Error('no')));
      bus.emit('nobody', 1);
      await bus.emit('a', 1);
      const { emitted, received, dropped, failures, inFlight } = bus.stats();
      same(
        { emitted, received, dropped, failures, inFlight },
        { emitted: 2, received: 0, dropped: 0, failures: 1, inFlight: 0 },
      );
    },
  },
];
