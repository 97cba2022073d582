import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, createEventBus, InvalidEventTypeError, InvalidPatternError } from '../../index.js';

/** Rule P1 word for word, in exponential time. */
function naiveMatch(pattern: readonly string[], type: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return type.length === 0;
  if (head === '**') return naiveMatch(rest, type) || (type.length > 0 && naiveMatch(pattern, type.slice(1)));
  return type.length > 0 && (head === '*' || head === type[0]) && naiveMatch(rest, type.slice(1));
}

const naively = (pattern: string, type: string): boolean =>
  pattern === '*' || naiveMatch(pattern.split('.'), type.split('.'));

const segment = fc.constantFrom('a', 'b', '$c');
const anyType = fc
  .array(segment, { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join('.'))
  .filter((type) => !type.startsWith('$'));
const anyPattern = fc
  .array(fc.oneof(segment, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join('.'))
  .filter((pattern) => !pattern.startsWith('$'));
const anyPatterns = fc.array(anyPattern, { minLength: 1, maxLength: 3 });

/** Whether a subscription to `pattern` is called for an event of type `type`. */
function isCalled(pattern: string | readonly string[], type: string): boolean {
  const bus = createEventBus();
  let calls = 0;
  bus.on(pattern, () => calls++);
  bus.emit(type);
  return calls === 1;
}

const matching: [pattern: string, type: string, matches: boolean][] = [
  ['user.created', 'user.created', true],
  ['user.created', 'user.created.twice', false],
  ['user.*', 'user.created', true],
  ['user.*', 'user', false],
  ['user.*', 'user.created.twice', false],
  ['user.*', 'users.created', false],
  ['*.created', 'user.created', true],
  ['*.*', 'user', false],
  ['user.**', 'user', true],
  ['user.**', 'user.created.twice', true],
  ['user.**', 'users', false],
  ['**.encrypted', 'encrypted', true],
  ['**.encrypted', 'user.note.encrypted', true],
  ['**.encrypted', 'user.encrypted.note', false],
  ['a.**.z', 'a.z', true],
  ['a.**.z', 'a.b.c.z', true],
  ['a.**.z', 'a.z.b', false],
  ['**.a.**', 'a', true],
  ['**.a.**', 'x.a.y', true],
  ['**.*', 'a', true],
  ['*.**', 'a', true],
  ['*', 'a', true],
  ['*', 'a.b.c', true],
  ['**', 'a.b.c', true],
];

describe('a pattern', () => {
  it.each(matching)('P1 %s against %s: %s', (pattern, type, matches) => {
    expect(compilePattern(pattern)(type)).toBe(matches);
    expect(isCalled(pattern, type)).toBe(matches);
  });

  it('P1 matches as its definition says, whatever it is', () => {
    fc.assert(
      fc.property(anyPattern, anyType, (pattern, type) => {
        expect(compilePattern(pattern)(type)).toBe(naively(pattern, type));
      }),
      { numRuns: 5000 },
    );
  });

  it('P1 brings a subscription the events that compilePattern accepts, beside any others', () => {
    fc.assert(
      fc.property(
        fc.array(anyPatterns, { minLength: 1, maxLength: 6 }),
        fc.array(anyType, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(5)),
        (subscriptions, types, removed) => {
          const bus = createEventBus();
          const calls: string[] = [];
          const handles = subscriptions.map((patterns, i) =>
            bus.on(patterns, (event) => calls.push(`${i} ${event.type}`)),
          );
          const expected = (): string[] =>
            types.flatMap((type) =>
              subscriptions.flatMap((patterns, i) =>
                handles[i]?.active && compilePattern(patterns)(type) ? [`${i} ${type}`] : [],
              ),
            );
          for (const type of types) bus.emit(type);
          expect(calls.splice(0)).toEqual(expected());
          for (const i of removed) handles[i]?.();
          for (const type of types) bus.emit(type);
          expect(calls).toEqual(expected());
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('P1 is matched in time that does not explode', () => {
    const startedAt = performance.now();
    const type = `${'a.'.repeat(127)}b`;
    const bus = createEventBus();
    let calls = 0;
    for (let repeats = 1; repeats <= 51; repeats++) {
      const pattern = `${'**.a.'.repeat(repeats)}c`;
      expect(compilePattern(pattern)(type)).toBe(false);
      bus.on(pattern, () => calls++);
      bus.on(`${'**.a.'.repeat(repeats - 1)}**.b`, () => calls++);
    }
    bus.emit(type);
    expect(calls).toBe(51);
    // Tried out branch by branch, the last of these patterns alone has more than 10^30 ways to fail.
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it.each([
    'user-*',
    'user.cr*',
    '***',
    'user.***',
    '',
    '.',
    'a..b',
    '.a',
    'a.',
    'a b',
    'a.\tb',
    'a.\u0000',
    'a\u00a0b',
  ])('P2 is refused at subscribe: %j', (pattern) => {
    const bus = createEventBus();
    expect(() => bus.on(pattern, () => {})).toThrow(InvalidPatternError);
    expect(() => bus.on(['fine', pattern], () => {})).toThrow(InvalidPatternError);
    expect(() => compilePattern(pattern)).toThrow(InvalidPatternError);
  });

  it('P2 leaves nothing behind when one of several is refused', () => {
    const bus = createEventBus();
    let calls = 0;
    expect(() => bus.on(['fine', 'fine.*', 'not-*'], () => calls++)).toThrow(InvalidPatternError);
    bus.emit('fine');
    bus.emit('fine.too');
    expect(calls).toBe(0);
  });

  it('P2 is refused when it is no text', () => {
    const bus = createEventBus();
    for (const pattern of [undefined, null, 5, {}, Symbol('a'), [undefined], [['a']]]) {
      expect(() => bus.on(pattern as string, () => {}), typeof pattern).toThrow(InvalidPatternError);
    }
  });

  it('P4 in a list sees an event once, however many of the list match', () => {
    const bus = createEventBus();
    const seen: string[] = [];
    const off = bus.on(['a', 'a', '*', '**', 'a.**', 'b'], (event) => seen.push(event.type));
    for (const type of ['a', 'b', 'c.d']) bus.emit(type);
    expect(seen).toEqual(['a', 'b', 'c.d']);
    off();
    for (const type of ['a', 'b', 'c.d']) bus.emit(type);
    expect(seen).toHaveLength(3);
  });

  it('P4 in a list that changes afterwards stays what it was', () => {
    const bus = createEventBus();
    const seen: string[] = [];
    const patterns = ['a'];
    bus.on(patterns, (event) => seen.push(event.type));
    patterns.push('b');
    for (const type of ['a', 'b']) bus.emit(type);
    expect(seen).toEqual(['a']);
  });
});

describe('an event type', () => {
  const wrong = [
    '',
    '.',
    'a..b',
    '.a',
    'a.',
    'a b',
    'a\n',
    'a\u0000',
    'a\u2003b',
    '*',
    '**',
    'user.*',
    'a*b',
    'a'.repeat(257),
  ];

  it.each(wrong)('E5 is refused by emit: %j', (type) => {
    const bus = createEventBus();
    bus.on('**', () => {});
    expect(() => bus.emit(type)).toThrow(InvalidEventTypeError);
    expect(() => bus.emit({ type, data: 1 })).toThrow(InvalidEventTypeError);
  });

  it('E5 is refused when it is no text', () => {
    const bus = createEventBus();
    for (const type of [undefined, null, 5, {}, Symbol('a'), ['a']]) {
      expect(() => bus.emit(type as string), typeof type).toThrow(InvalidEventTypeError);
      expect(() => bus.emit({ type: type as string, data: 1 }), typeof type).toThrow(InvalidEventTypeError);
    }
  });

  it.each(['a', 'ünï.cødé', '日本.語', 'a-b_c:d/e', '😀.😀', 'a'.repeat(256)])('E5 may be %j', (type) => {
    expect(isCalled('**', type)).toBe(true);
    expect(isCalled(type, type)).toBe(true);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__.polluted', 'a.__proto__.b'])(
    'E5 works like any other when it is %s',
    (type) => {
      expect(isCalled(type, type)).toBe(true);
      expect(isCalled([`${type}.**`, 'other'], type)).toBe(true);
      expect(isCalled('other', type)).toBe(false);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  it('E6 that begins with $ belongs to the bus: nobody else emits or awaits it', () => {
    const bus = createEventBus();
    expect(() => bus.emit('$hello')).toThrow(InvalidEventTypeError);
    expect(() => bus.emit({ type: '$hello', data: 1 })).toThrow(InvalidEventTypeError);
    for (const pattern of ['$hello', '$hello.*', '$*', '$**']) {
      expect(() => bus.on(pattern, () => {}), pattern).toThrow(InvalidPatternError);
    }
  });

  it.each(['*', '**', '*.*', '**.x', ['**', 'a']])('E6 that begins with $ matches no pattern: %j', (pattern) => {
    expect([compilePattern(pattern)('$x'), compilePattern(pattern)('$a.x')]).toEqual([false, false]);
  });
});
