import { setMaxListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEventBus, type Transport, type TransportHost } from '../index.js';
import { SimulatedClock } from '../testing/index.js';

let gc: () => void;

beforeAll(() => {
  setFlagsFromString('--expose-gc');
  gc = runInNewContext('gc') as () => void;
});

/** Bytes that are alive. */
async function heap(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  return process.memoryUsage().heapUsed;
}

/** What outlives the buses, as in an application whose plugins come and go. */
function surroundings() {
  const { signal } = new AbortController();
  // One for each bus.
  setMaxListeners(Number.POSITIVE_INFINITY, signal);
  const count = { listeners: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count.listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count.listeners--;
    removeEventListener.apply(signal, args);
  };
  return { signal, count, clock: new SimulatedClock(), hosts: new Set<TransportHost>() };
}

/** A way to nobody, which lets go of its bus when it is told to. */
function transport(hosts: Set<TransportHost>): Transport {
  let host: TransportHost | undefined;
  return {
    name: 'void',
    caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: 1_000_000 },
    open: (given) => {
      host = given;
      hosts.add(host);
      host.state('open');
    },
    publish: () => {},
    close: () => {
      if (host !== undefined) hosts.delete(host);
    },
  };
}

/** A bus that was used for everything there is, and closed in the middle of it. */
async function closeInTheMiddle({ signal, clock, hosts }: ReturnType<typeof surroundings>): Promise<WeakRef<object>> {
  const options = { clock, transports: [transport(hosts)], share: 'shared', queue: { concurrency: 5 } };
  const bus = createEventBus({ ...options, onError: () => {} });
  const nothing = (): void => {};
  const fail = (): Promise<never> => Promise.reject(new Error('no'));
  for (const pattern of ['a', 'a.*', '**', `type.${Math.random()}`]) bus.on(pattern, nothing, { signal });
  bus.on('a', fail, { retry: { attempts: 3, delayMs: 60_000 }, timeoutMs: 60_000, signal });
  bus.once('a', fail, { retry: { attempts: 3, delayMs: 60_000 }, signal });
  bus.on('slow', (_, delivery) => delivery.signal && new Promise(nothing), { concurrency: 1, timeoutMs: 60_000 });
  bus.respond('ask', () => new Promise(nothing), { signal });
  bus.use((_, next) => next());
  bus.inspect(nothing);
  for (const type of ['a', 'a.b', 'slow', 'slow', 'unheard', 'shared']) bus.emit(type, { type });
  const quiet = [
    bus.request('ask', 1, { signal }),
    bus.request('shared', 1),
    bus.waitFor('b', { signal, timeoutMs: 60_000 }),
  ];
  const stream = bus.stream('b', { signal });
  await Promise.resolve();
  await Promise.all([bus.close({ timeoutMs: 0 }), Promise.allSettled([...quiet, stream.next()])]);
  return new WeakRef(bus);
}

describe('10,000 buses', () => {
  it('G8 that were used and closed leave no timer, no abort listener and no memory', { timeout: 120_000 }, async () => {
    const around = surroundings();
    // A hundred at a time, as time goes on for all of them at once.
    const hundred = async (): Promise<WeakRef<object>> => {
      const all = Promise.all(Array.from({ length: 100 }, () => closeInTheMiddle(around)));
      await around.clock.advance(0);
      return (await all)[0] as WeakRef<object>;
    };
    for (let i = 0; i < 10; i++) await hundred();
    const before = await heap();
    const buses: WeakRef<object>[] = [];
    for (let i = 0; i < 100; i++) buses.push(await hundred());
    const grown = (await heap()) - before;
    expect([around.clock.pending, around.count.listeners, around.hosts.size]).toEqual([0, 0, 0]);
    expect(buses.filter((bus) => bus.deref() !== undefined)).toEqual([]);
    // What one bus needs, ten thousand times, would be more than 50 MB.
    expect(grown).toBeLessThan(5_000_000);
  });

  it('G8 that were used and forgotten, without a signal or timer, are no more', async () => {
    const buses: WeakRef<object>[] = [];
    for (let i = 0; i < 1000; i++) {
      const bus = createEventBus();
      bus.on('a', () => bus.emit('b'));
      bus.emit('a');
      buses.push(new WeakRef(bus));
    }
    await heap();
    expect(buses.filter((bus) => bus.deref() !== undefined)).toEqual([]);
  });
});
