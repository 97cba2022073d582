import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEventBus, type StandardSchema } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const rejections: unknown[] = [];
const note = (reason: unknown): number => rejections.push(reason);

beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

/** Numbers that look random and are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('get');
    },
    ownKeys: () => {
      throw new Error('ownKeys');
    },
    getPrototypeOf: () => {
      throw new Error('getPrototypeOf');
    },
  },
);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const loop: unknown[] = [];
loop.push(loop, { loop });

const numbers = [0, -0, -1, 0.5, 1e308, 2 ** 31, 2 ** 32, 2 ** 53, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, 8.64e15];
const oddNumbers = [...numbers, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 8.64e15 + 1];
const texts = [
  '',
  ' ',
  '.',
  'a.',
  '*',
  '**',
  '$',
  '$hello',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  'x'.repeat(256),
];
const longTexts = ['x'.repeat(257), 'ä'.repeat(300), 'a.'.repeat(128), 'x'.repeat(5000)];
const objects = [
  {},
  [],
  null,
  throwing,
  revoked,
  loop,
  new Map([[1, loop]]),
  new Set([throwing]),
  new Date(Number.NaN),
];
const oddities = [
  undefined,
  true,
  false,
  5n,
  Symbol('s'),
  () => {},
  /x/,
  new Error('e'),
  new Uint8Array(9),
  new Array(99),
];
const poison = JSON.parse('{"__proto__":{"polluted":true},"ok":true,"name":"n","message":"m","then":1}');
const pool: readonly unknown[] = [...oddNumbers, ...texts, ...longTexts, ...objects, ...oddities, poison];

const types = [
  'ping',
  'checked',
  'checked.late',
  'ask',
  'kept.a',
  'kept.b',
  'fails',
  '$hello',
  '$welcome',
  '$bye',
  '$reply',
];
const fields = Object.keys(recordFrom('x', 1)).concat(
  'causationId',
  'ttlMs',
  'request',
  'ofError',
  'store',
  'offset',
  'extra',
  '__proto__',
);

function fuzzer(seed: number): () => unknown {
  const random = generator(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const nested = (depth: number): unknown => {
    if (depth === 0 || random() < 0.3) return pick(pool);
    if (random() < 0.5) return Array.from({ length: below(4) }, () => nested(depth - 1));
    return Object.fromEntries(Array.from({ length: below(4) }, () => [String(pick(texts)), nested(depth - 1)]));
  };
  let made = 0;
  return () => {
    if (random() < 0.05) return nested(3);
    made++;
    const record: Record<string, unknown> = { ...recordFrom(`node-${below(40)}`, made, { type: pick(types) }) };
    if (random() < 0.3) record['request'] = true;
    if (random() < 0.3) record['causationId'] = `id-${below(made)}`;
    if (random() < 0.2) record['seq'] = random() < 0.5 ? below(made) : made * below(1000);
    if (random() < 0.3) record['data'] = nested(3);
    if (random() < 0.2) record['metadata'] = nested(3);
    for (let changes = below(3); changes > 0; changes--) {
      Object.defineProperty(record, pick(fields), {
        value: pick(pool),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return record;
  };
}

const isText = (value: unknown): boolean => typeof value === 'string';
const schemaOf = (isLate: boolean): StandardSchema => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const result = isText(value) ? { value } : { issues: [{ message: 'no text' }] };
      return isLate ? Promise.resolve(result) : result;
    },
  },
});

/** A bus with everything that meets what arrives. */
function target() {
  const wire = new Wire();
  let failures = 0;
  const bus = createEventBus({
    transports: [wire.transport({ maxBytes: 3000 })],
    store: memoryStore({ maxEvents: 500 }),
    persist: ['kept.*', 'honest'],
    schemas: { checked: schemaOf(false), 'checked.late': schemaOf(true) },
    queue: { maxSize: 10_000 },
    maxDeadLetters: 50,
    onError: () => failures++,
  });
  bus.on('**', () => {});
  bus.on('fails', () => {
    throw new Error('always');
  });
  bus.on('kept.*', async () => {}, { durable: 'keeper' });
  bus.respond('ask', ({ data }) => data);
  bus.inspect((one) => void JSON.stringify(one.kind));
  const honest: unknown[] = [];
  bus.on('honest', ({ data }) => honest.push(data));
  return { wire, bus, honest, failures: () => failures };
}

it.each([1, 20_260_101])(
  'T5 takes or drops 50,000 records of all kinds, loses nothing honest among them, and goes on (seed %i)',
  async (seed) => {
    const { wire, bus, honest } = target();
    const next = fuzzer(seed);
    const open = bus.request('never.answered', undefined, { timeoutMs: Number.POSITIVE_INFINITY });
    open.catch(() => {});
    let sent = 0;
    const flood = async (messages: number): Promise<number> => {
      for (let i = 0; i < messages; i++) {
        const records: unknown[] = Array.from({ length: 100 }, next);
        records.splice(i % 100, 0, recordFrom('honest', sent, { type: 'honest', data: sent++ }));
        wire.inject(records);
        wire.messages.length = 0;
        if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      await bus.idle({ timeoutMs: 20_000 });
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await flood(100);
    const grown = (await flood(400)) - before;
    expect(honest).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(rejections).toEqual([]);
    expect(grown).toBeLessThan(5_000_000);
    const { received, dropped, inFlight, queued } = bus.stats();
    expect([received > 10_000, dropped > 10_000, inFlight, queued]).toEqual([true, true, 0, 0]);
    expect(bus.nodes.length).toBeLessThanOrEqual(1000);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const offsets: number[] = [];
    for await (const { offset } of bus.history({ pattern: 'honest', order: 'desc', limit: 5 })) offsets.push(offset);
    expect(offsets).toHaveLength(5);
    bus.respond('still', () => 'here');
    expect(await bus.request('still', undefined, { local: true })).toBe('here');
    const closed = bus.close();
    await expect(open).rejects.toThrow('closed');
    await closed;
    expect(rejections).toEqual([]);
  },
  60_000,
);
