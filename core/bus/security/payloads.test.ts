import { describe, expect, it, vi } from 'vitest';
import { approximateBytes, createEventBus, type Failure, SerializationError } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

const within = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
};

const wraps: readonly [what: string, wrap: (inner: unknown) => unknown][] = [
  ['arrays', (inner) => [inner]],
  ['objects', (inner) => ({ inner })],
  ['Maps', (inner) => new Map([[1, inner]])],
  ['Sets', (inner) => new Set([inner])],
];

/** How often structured clone was asked while `work` ran: what took half a minute copied each level whole. */
async function countClones(work: () => Promise<unknown>): Promise<number> {
  const { structuredClone: clone } = globalThis;
  let count = 0;
  globalThis.structuredClone = ((...args: Parameters<typeof clone>) => {
    count++;
    return clone(...args);
  }) as typeof clone;
  try {
    await work();
  } finally {
    globalThis.structuredClone = clone;
  }
  return count;
}

/** Two nodes on a wire, what arrives at the other, and what fails here. */
function pair(options: Parameters<typeof createEventBus>[0] = {}, maxBytes = 1_048_576) {
  const wire = new Wire();
  const failures: Failure[] = [];
  const transports = [wire.transport({ maxBytes })];
  const here = createEventBus({ transports, onError: (failure) => failures.push(failure), ...options });
  const there = createEventBus({ transports: [wire.transport({ maxBytes })], freeze: true });
  const arrived: unknown[] = [];
  there.on('**', ({ type }) => arrived.push(type));
  here.on('**', () => {});
  return { wire, here, there, arrived, failures };
}

/** Patient: what would not do takes minutes. */
vi.setConfig({ testTimeout: 60_000 });

describe('a value that is 100,000 levels deep', () => {
  it.each(wraps)('T4 of %s stops no node that refuses it, and the next event leaves', async (_, wrap) => {
    for (const options of [{}, { checkPayloads: true }, { freeze: true }, { store: memoryStore() }]) {
      const { here, arrived, failures } = pair(options, Number.POSITIVE_INFINITY);
      const data = within(100_000, wrap);
      const clones = await countClones(async () => {
        expect((await here.emit('deep', data)).delivered).toBe(1);
        here.emit('deep', 1, { metadata: { data } });
        here.emit('next');
        await here.idle();
      });
      expect(arrived).toEqual(['next']);
      expect(failures.map(({ error }) => error)).toEqual([
        expect.any(SerializationError),
        expect.any(SerializationError),
      ]);
      for (const { error } of failures) expect((error as Error).message.length).toBeLessThan(3000);
      expect(clones).toBeLessThan(1000);
    }
  });

  it.each(wraps)('T5 of %s is weighed as it arrives, in data and metadata, and taken or too large', (_, wrap) => {
    const { wire, here, arrived } = pair({ freeze: true });
    const deep = within(100_000, wrap);
    wire.inject([recordFrom('b', 1, { data: deep }), recordFrom('b', 2, { metadata: { deep } }), recordFrom('b', 3)]);
    expect(arrived.at(-1)).toBe('ping');
    const { received, dropped } = here.stats();
    expect(received + dropped).toBe(3);
  });

  it('T4 names a place that is not too deep, and says what it is there', async () => {
    const { here, failures } = pair({}, Number.POSITIVE_INFINITY);
    here.emit(
      'a',
      within(90, (inner) => [inner === 1 ? () => {} : inner]),
    );
    here.emit(
      'a',
      within(5000, (inner) => [inner === 1 ? () => {} : inner]),
    );
    await here.idle();
    expect(failures.map(({ error }) => String(error).replaceAll('[0]', ''))).toEqual([
      expect.stringContaining('data is a function'),
      expect.stringContaining('data is nested too deeply'),
    ]);
  });
});

describe('a value that is large', () => {
  const large: readonly [what: string, data: () => unknown][] = [
    ['a text of 10 MB', () => 'x'.repeat(10_000_000)],
    ['an array of 2^32 - 1 holes', () => new Array(2 ** 32 - 1)],
    ['a Map with a million entries', () => new Map(Array.from({ length: 1e6 }, (_, i) => [i, i]))],
    ['a Set with a million entries', () => new Set(Array.from({ length: 1e6 }, (_, i) => i))],
    ['an object with 100,000 keys', () => Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`key-${i}`, i]))],
    ['a view of one byte on a buffer of 10 MB', () => new Uint8Array(new ArrayBuffer(10_000_000), 5, 1)],
    ['an array of one thousand times the same long text', () => new Array(1000).fill('x'.repeat(10_000))],
  ];

  it.each(large)('T4 is refused on the way out, T5 and on the way in, and the next one passes: %s', async (_, make) => {
    const { wire, here, there, arrived, failures } = pair({}, 100_000);
    const data = make();
    here.emit('large', data);
    here.emit('large', 1, { metadata: { data } });
    here.emit('next');
    await here.idle();
    expect(arrived).toEqual(['next']);
    expect(failures.map(({ error }) => error)).toEqual([
      expect.any(SerializationError),
      expect.any(SerializationError),
    ]);
    const more = { data, extra: data };
    wire.inject([recordFrom('b', 1, { data }), recordFrom('b', 2, { metadata: { data } }), recordFrom('b', 3, more)]);
    wire.inject([recordFrom('b', 4)]);
    expect(arrived).toEqual(['next', 'ping']);
    expect(there.stats()).toMatchObject({ dropped: 3 });
  });

  it('T5 is looked at no further than it takes to know that it is', () => {
    let looked = 0;
    const endless = new Map<number, number>();
    endless[Symbol.iterator] = function* () {
      for (;;) yield [looked++, 1] as [number, number];
    };
    expect(approximateBytes(endless, 1000)).toBeGreaterThan(1000);
    expect(looked).toBeLessThan(1000);
  });

  it('T5 is a record by what nobody asked for, too: 100,000 fields that are not known', () => {
    const { wire, there } = pair({}, 100_000);
    const extra = Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`extra-${i}`, i]));
    wire.inject([recordFrom('b', 1, extra)]);
    expect(there.stats()).toMatchObject({ received: 0, dropped: 1 });
  });

  it('T4 is counted once however often it holds itself', async () => {
    const { here, arrived } = pair({ checkPayloads: true, freeze: true }, 100_000);
    const loop: Record<string, unknown> = { list: [] };
    for (let i = 0; i < 5000; i++) (loop['list'] as unknown[]).push(loop);
    loop['map'] = new Map([[loop, loop]]);
    here.emit('loop', loop, { metadata: { loop } });
    await here.idle();
    expect(arrived).toEqual(['loop']);
  });
});
