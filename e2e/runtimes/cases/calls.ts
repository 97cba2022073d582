import { isError, ok, rejected, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';
import { wirePair } from '../wire.js';

export const callCases: readonly RuntimeCase[] = [
  {
    name: 'R1 a request resolves with what its responder returns, at once or later',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.respond('double', ({ data }) => Number(data) * 2);
      bus.respond('later', async ({ data }) => {
        await undefined;
        return [data];
      });
      same(await Promise.all([bus.request('double', 4), bus.request('later', 'x')]), [8, ['x']]);
    },
  },
  {
    name: 'R1 a request that waits for ever needs no timer',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.respond('double', async ({ data }) => Number(data) * 2);
      same(await bus.request('double', 4, { timeoutMs: Number.POSITIVE_INFINITY }), 8);
    },
  },
  {
    name: 'R2 a request without a responder rejects at once, one without an answer when its time is over',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      isError(await rejected(bus.request('nobody', 1)), 'NoResponderError', 'NO_RESPONDER');
      bus.respond('never', () => new Promise(() => {}));
      const late = bus.request('never', 1, { timeoutMs: 5 });
      isError(await rejected(late), 'RequestTimeoutError', 'REQUEST_TIMEOUT');
    },
  },
  {
    name: 'R3 a responder’s error rejects the request with its name and message',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus, ResponderError } }) {
      const bus = createEventBus({ onError: () => {} });
      bus.respond('bad', () => {
        throw new RangeError('too far');
      });
      const error = await rejected(bus.request('bad', 1));
      isError(error, 'ResponderError', 'RESPONDER_FAILED');
      ok(error instanceof ResponderError, 'it is a ResponderError');
      same([error.errorName, error.errorMessage], ['RangeError', 'too far']);
    },
  },
  {
    name: 'R4 requests and their errors cross a transport',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const [one, two] = wirePair();
      const asking = createEventBus({ transports: [one] });
      const answering = createEventBus({ transports: [two], onError: () => {} });
      answering.respond('sum', ({ data }) => (data as number[]).reduce((all, each) => all + each, 0));
      answering.respond('bad', () => Promise.reject(new TypeError('far away')));
      same(await asking.request('sum', [1, 2, 3], { timeoutMs: 5_000 }), 6);
      const error = await rejected(asking.request('bad', 1, { timeoutMs: 5_000 }));
      isError(error, 'ResponderError', 'RESPONDER_FAILED');
      ok(error.message.includes('TypeError: far away'), 'it says what happened there');
      await Promise.all([asking.close(), answering.close()]);
    },
  },
  {
    name: 'R5 a request that is aborted rejects with the reason, and one under way when the bus closes with that',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      bus.respond('never', () => new Promise(() => {}));
      const stop = new AbortController();
      const aborted = bus.request('never', 1, { signal: stop.signal });
      const reason = new Error('enough');
      stop.abort(reason);
      ok((await rejected(aborted)) === reason, 'the reason');
      const open = rejected(bus.request('never', 1));
      await bus.close({ timeoutMs: 1 });
      isError(await open, 'BusClosedError', 'BUS_CLOSED');
    },
  },
  {
    name: 'R5 a signal has one listener of the bus, however many need it, and none when nobody does',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const { signal } = new AbortController();
      let listeners = 0;
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
        listeners++;
        addEventListener.apply(signal, args);
      };
      signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
        listeners--;
        removeEventListener.apply(signal, args);
      };
      bus.respond('sum', async () => 1);
      const off = bus.on('a', () => {}, { signal });
      const asked = bus.request('sum', 1, { signal });
      const waited = bus.waitFor('b', { signal });
      const stream = bus.stream('c', { signal });
      same(listeners, 1, 'listeners while all need it');
      bus.emit('b', 1);
      off();
      await Promise.all([asked, waited, stream.return?.()]);
      same(listeners, 0, 'listeners afterwards');
    },
  },
  {
    name: 'R6 waitFor resolves with the next event that its filter takes, and leaves no subscription',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const waited = bus.waitFor('n.*', { filter: ({ data }) => Number(data) > 1 });
      for (const n of [1, 2, 3]) bus.emit('n.a', n);
      same((await waited).data, 2);
      const stop = new AbortController();
      const aborted = rejected(bus.waitFor('n.*', { signal: stop.signal }));
      stop.abort(new Error('enough'));
      same((await aborted).message, 'enough');
      same(bus.stats().subscriptions, 0, 'subscriptions');
      const closed = rejected(bus.waitFor('n.*'));
      await bus.close();
      isError(await closed, 'BusClosedError', 'BUS_CLOSED');
    },
  },
  {
    name: 'R6 waitFor gives up when its time is over',
    needs: ['timers'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      isError(await rejected(bus.waitFor('a', { timeoutMs: 5 })), 'WaitTimeoutError', 'WAIT_TIMEOUT');
      same(bus.stats().subscriptions, 0, 'subscriptions');
    },
  },
  {
    name: 'R7 a stream hands out events in order, within its buffer, and ends with its loop',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const stream = bus.stream('n', { buffer: 3 });
      for (const n of [1, 2, 3, 4, 5]) bus.emit('n', n);
      const seen: unknown[] = [];
      for await (const { data } of stream) {
        seen.push(data);
        if (data === 4) bus.emit('n', 6);
        if (data === 6) break;
      }
      same([seen, bus.stats().subscriptions], [[3, 4, 5, 6], 0]);
      same(await stream.next(), { done: true, value: undefined }, 'what comes after the end');
    },
  },
  {
    name: 'R7 a stream ends with its bus, after what waits, and with its signal at once',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const stop = new AbortController();
      const ending = bus.stream('n');
      const aborted = bus.stream('n', { signal: stop.signal });
      bus.emit('n', 1);
      stop.abort(new Error('enough'));
      same((await rejected(aborted.next())).message, 'enough');
      await bus.close();
      const seen: unknown[] = [];
      for await (const { data } of ending) seen.push(data);
      same(seen, [1]);
      isError(
        thrown(() => bus.stream('n')),
        'BusClosedError',
        'BUS_CLOSED',
      );
    },
  },
];
