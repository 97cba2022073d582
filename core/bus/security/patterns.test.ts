import { describe, expect, it, vi } from 'vitest';
import { compilePattern, createEventBus, InvalidEventTypeError, InvalidPatternError } from '../../index.js';
import { rateLimit } from '../../middleware/rate-limit.js';
import { memoryStore } from '../../stores/memory.js';
import { queryMatcher } from '../../stores/query/query-matcher.js';
import { recordFrom } from '../border/wire.test.fixture.js';

/** As bad as they come in 256 characters: each could match anywhere, and in the end none does. */
const patterns = [
  `${'**.a.'.repeat(50)}b`,
  `${'**.*.'.repeat(50)}b`,
  `${'**.'.repeat(84)}b`,
  `a.${'**.a.a.a.'.repeat(28)}b`,
  `${'*.**.'.repeat(50)}**`,
  `${'**.a.'.repeat(50)}**`,
];
const types = [
  'a.'.repeat(127).concat('a'),
  'a.'.repeat(127).concat('b'),
  'x'.repeat(256),
  'b.'.repeat(127).concat('a'),
];

/** A type that counts how often one of its segments is looked at. */
function counting(type: string): { readonly type: string; readonly looks: () => number } {
  let looks = 0;
  const parts = new Proxy(type.split('.'), {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
      return Reflect.get(target, key);
    },
  });
  const fake = { split: () => parts, startsWith: (text: string) => type.startsWith(text), length: type.length };
  return { type: fake as unknown as string, looks: () => looks };
}

describe('a pattern of 256 characters', () => {
  const cases = patterns.flatMap((pattern) => types.map((type) => [pattern, type] as const));

  it.each(cases)('P1 looks at no more segments than the product of the lengths: %s, %s', (pattern, type) => {
    const most = pattern.split('.').length * type.split('.').length;
    const { type: counted, looks } = counting(type);
    const matches = compilePattern(pattern)(counted);
    expect(looks()).toBeLessThanOrEqual(most + type.split('.').length);
    expect(matches).toBe(compilePattern([pattern, 'another'])(type));
    const query = counting(type);
    queryMatcher({ pattern })({ ...recordFrom('b', 1), type: query.type });
    expect(query.looks()).toBeLessThanOrEqual(most + type.split('.').length);
  });

  it('P1 and a hundred others are looked up in no more steps than they have segments, for each of the type', () => {
    const bus = createEventBus();
    const all = Array.from({ length: 100 }, (_, i) => `**.a.`.repeat(40 + (i % 10)).concat(`s${i}.**`));
    for (const pattern of [...patterns, ...all]) bus.on(pattern, () => {});
    const segments = new Set(
      [...patterns, ...all].flatMap((pattern) => {
        const parts = pattern.split('.');
        return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
      }),
    ).size;
    for (const type of types) {
      const get = vi.spyOn(Map.prototype, 'get');
      bus.emit(type);
      const steps = get.mock.calls.length;
      get.mockRestore();
      expect(steps).toBeLessThanOrEqual(type.split('.').length * segments + 100);
    }
  });

  it('P1 of a rate limit, and of a history, is matched in the same way', async () => {
    const store = memoryStore();
    const bus = createEventBus({ store });
    for (const pattern of patterns) bus.use(rateLimit({ limit: 5, windowMs: 5, pattern }));
    for (const type of types) await bus.emit(type).persisted;
    const found: string[] = [];
    for (const pattern of patterns) for await (const { event } of bus.history({ pattern })) found.push(event.type);
    const expected = patterns.flatMap((pattern) => types.filter(compilePattern(pattern)));
    expect(found).toEqual(expected);
  });
});

describe('a text of any length', () => {
  const long = ['a'.repeat(10_000_000), 'ä.'.repeat(1_000_000), 'ä'.repeat(257), `${'a.'.repeat(1_000_000)} `];

  it('E5 P2 meets a regular expression only when it has 256 characters or fewer', () => {
    const bus = createEventBus();
    const lengths: number[] = [];
    const { exec, test } = RegExp.prototype;
    RegExp.prototype.test = function (text: string): boolean {
      lengths.push(text.length);
      return test.call(this, text);
    };
    RegExp.prototype.exec = function (text: string): RegExpExecArray | null {
      lengths.push(text.length);
      return exec.call(this, text);
    };
    const errors: unknown[] = [];
    const attempt = (work: () => unknown): void => {
      try {
        work();
      } catch (error) {
        errors.push(error);
      }
    };
    try {
      for (const text of [...long, 'ä.ä', 'ä.'.repeat(127), `${'ä'.repeat(255)} `]) {
        attempt(() => bus.emit(text));
        attempt(() => bus.on(text, () => {}));
        attempt(() => bus.off(text));
        attempt(() => compilePattern(text));
      }
    } finally {
      Object.assign(RegExp.prototype, { exec, test });
    }
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(256);
    expect(errors.every((one) => one instanceof InvalidEventTypeError || one instanceof InvalidPatternError)).toBe(
      true,
    );
    for (const error of errors) expect((error as Error).message.length).toBeLessThan(400);
  });
});
