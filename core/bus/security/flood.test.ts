import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { rateLimit } from '../../middleware/rate-limit.js';
import { memoryStore } from '../../stores/memory.js';
import { SimulatedClock } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Grown by, in bytes, from after the first tenth of the messages on: what is filled once does not count. */
async function growth(messages: number, send: (message: number) => void): Promise<number> {
  const used = async (): Promise<number> => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
    }
    return process.memoryUsage().heapUsed;
  };
  for (let i = 0; i < messages / 10; i++) send(i);
  const before = await used();
  for (let i = messages / 10; i < messages; i++) send(i);
  return (await used()) - before;
}

describe('records of somebody else, 30,000 at a time', () => {
  it.each<[what: string, fields: (n: number) => Readonly<Record<string, unknown>>]>([
    ['types', (n) => ({ type: `t.${n}` })],
    ['nodes', (n) => ({ node: `n-${n}` })],
    [
      'sources, ids and chains',
      (n) => ({ id: `i-${n}`, correlationId: `c-${n}`, causationId: `p-${n}`, source: `s-${n}` }),
    ],
    ['requests', (n) => ({ type: 'ask', request: true, id: `i-${n}` })],
    ['answers', (n) => ({ type: '$reply', causationId: `i-${n}`, data: { ok: true } })],
    ['hellos', (n) => ({ type: '$hello', node: `n-${n}` })],
    ['byes', (n) => ({ type: '$bye', node: `n-${n >> 1}` })],
  ])('T5 leave nothing behind that grows: ever new %s', { timeout: 120_000 }, async (_, fields) => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()], onError: () => {}, clock: new SimulatedClock() });
    bus.on('known', () => {});
    bus.respond('ask', () => 1);
    const each = 500;
    const grown = await growth(60, (message) => {
      const first = message * each;
      wire.inject(Array.from({ length: each }, (__, i) => recordFrom('flood', first + i, fields(first + i))));
      wire.messages.length = 0;
    });
    expect(bus.nodes.length).toBeLessThanOrEqual(1000);
    expect(bus.stats()).toMatchObject({ failures: 0, inFlight: 0, queued: 0 });
    expect(grown).toBeLessThan(2_500_000);
    const heard: unknown[] = [];
    bus.on('honest', ({ data }) => heard.push(data));
    wire.inject([recordFrom('honest', 1, { type: 'honest', data: 'still here' })]);
    expect(heard).toEqual(['still here']);
  });

  it('Q1 wait in a queue of bounded size, when there is one, and the rest is dropped and counted', async () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()], queue: { concurrency: 1, maxSize: 100 } });
    let release: (() => void) | undefined;
    bus.on('ping', () => new Promise<void>((resolve) => (release = resolve)));
    for (let i = 0; i < 20; i++) {
      wire.inject(Array.from({ length: 1000 }, (_, n) => recordFrom('flood', i * 1000 + n)));
    }
    expect(bus.stats()).toMatchObject({ received: 20_000, queued: 100, discarded: 20_000 - 101 });
    release?.();
  });

  it('M1 do not meet a rate limit, which is for what is emitted here', () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    let calls = 0;
    bus.use(rateLimit({ limit: 10, windowMs: 60_000 }));
    bus.on('ping', () => calls++);
    wire.inject(Array.from({ length: 500 }, (_, seq) => recordFrom('flood', seq)));
    expect(calls).toBe(500);
    for (let i = 0; i < 500; i++) bus.emit('ping');
    expect(calls).toBe(510);
  });

  it('T3 of a thousand new nodes push out one that was known: what it sent before is taken once more', () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    const heard: string[] = [];
    bus.on('honest', ({ id }) => heard.push(id));
    const honest = recordFrom('honest', 1, { type: 'honest' });
    wire.inject([honest, honest]);
    wire.inject(Array.from({ length: 1000 }, (_, i) => recordFrom(`sybil-${i}`, 1)));
    wire.inject([honest]);
    expect(heard).toEqual(['honest-1', 'honest-1']);
  });
});

describe('events of one source here', () => {
  it('M1 stop at a rate limit, which forgets sources that are quiet', { timeout: 60_000 }, async () => {
    const clock = new SimulatedClock();
    const bus = createEventBus({ clock, store: memoryStore({ maxEvents: 1000 }), persist: 'none' });
    bus.use(rateLimit({ limit: 100, windowMs: 1000, clock }));
    let calls = 0;
    bus.on('**', () => calls++);
    for (let i = 0; i < 50_000; i++) bus.emit('flood');
    expect(calls).toBe(100);
    const grown = await growth(50, (message) => {
      for (let i = 0; i < 1000; i++) bus.emit({ type: 'a', data: 1, source: `s-${message}-${i}` });
    });
    expect(grown).toBeLessThan(3_000_000);
  });
});
