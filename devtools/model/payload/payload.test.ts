import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open } from './children.js';
import { labelOf } from './label.js';
import { previewData } from './preview.js';
import { toJson } from './to-json.js';

const texts = (value: unknown): string[] =>
  open(value)
    .slice(0, 100)
    .map(({ key, holds, value: child }) => `${key}: ${holds === 'value' ? labelOf(child).text : holds}`);

/** Throws whatever is done to it. */
const hostile: object = new Proxy(
  {},
  new Proxy({} as ProxyHandler<object>, {
    get: () => () => {
      throw new Error('no');
    },
  }),
);

const revoked = ((): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();

describe('a label', () => {
  class Money {
    readonly amount = 1;
  }
  class Ledger extends Map<string, number> {}
  const cases: [string, unknown, string][] = [
    ['a string', 'text', 'text'],
    ['minus zero', -0, '-0'],
    ['a bigint', 12n, '12n'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an array', [1, 2], 'Array(2)'],
    ['a Map', new Map([[1, 2]]), 'Map(1)'],
    ['a class that is a Map', new Ledger([['a', 1]]), 'Map(1)'],
    ['a Set', new Set([1]), 'Set(1)'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no date', new Date(Number.NaN), 'Invalid Date'],
    ['a regular expression', /a+/gi, '/a+/gi'],
    ['an error', new TypeError('bad'), 'TypeError: bad'],
    ['bytes', new Uint8Array(3), 'Uint8Array(3)'],
    ['a buffer', new ArrayBuffer(8), 'ArrayBuffer(8)'],
    ['a view', new DataView(new ArrayBuffer(4)), 'DataView(4)'],
    ['a function', function add() {}, 'ƒ add()'],
    ['a class', Money, 'class Money'],
    ['an instance', new Money(), 'Money'],
    ['a plain object', {}, 'Object'],
    ['an object without prototype', Object.create(null), 'null prototype'],
    ['a promise', Promise.resolve(1), 'Promise'],
    ['a proxy that throws', hostile, 'unreadable object'],
    ['a proxy that was revoked', revoked, 'unreadable object'],
    ['what only looks like a Map', Object.create(Map.prototype), 'Map'],
  ];
  for (const [what, value, text] of cases) {
    it(`says what ${what} is`, () => {
      expect(labelOf(value).text).toBe(text);
    });
  }

  it('of a bigint that would take seconds to write does not', () => {
    const started = performance.now();
    expect(labelOf(1n << 1_000_000n).text).toBe('a bigint of over 1,024 bits');
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('an opened value', () => {
  it('does not call getters, nor what is named toJSON, toString or then', () => {
    const trap = (): never => {
      throw new Error('was called');
    };
    // biome-ignore lint/suspicious/noThenProperty: that nothing calls it is what is tested.
    const value = { toJSON: trap, toString: trap, then: trap, plain: 1 };
    Object.defineProperty(value, 'got', { get: trap, enumerable: true });
    Object.defineProperty(value, Symbol.toStringTag, { get: trap });
    expect(texts(value)).toEqual([
      'toJSON: ƒ trap()',
      'toString: ƒ trap()',
      'then: ƒ trap()',
      'plain: 1',
      'got: getter',
      '[Symbol(Symbol.toStringTag)]: getter',
    ]);
    expect(previewData(value)).toContain('plain: 1');
    expect(JSON.parse(toJson(value))).toMatchObject({ plain: 1, got: '[getter]' });
  });

  it('names what cannot be read instead of failing', () => {
    const half = new Proxy(
      { a: 1, b: 2 },
      {
        getOwnPropertyDescriptor: (target, key) => {
          if (key === 'b') throw new Error('not b');
          return Reflect.getOwnPropertyDescriptor(target, key);
        },
      },
    );
    expect(texts(half)).toEqual(['a: 1', 'b: fault']);
    expect(open(half).slice(1, 2)[0]?.value).toBe('Error: not b');
    expect(open(hostile).size).toBe(0);
  });

  it('shows an error with its cause, and a Map with its keys', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    expect(texts(error)).toEqual(['message: outer', expect.stringMatching(/^stack: /), 'cause: Error: inner']);
    const key = { id: 1 };
    expect(
      texts(
        new Map<unknown, number>([
          ['a', 1],
          [2n, 2],
          [key, 3],
        ]),
      ),
    ).toEqual(['"a": 1', '2n: 2', '2: Object']);
  });

  it('reads a huge array, map or byte array only where it is looked at', () => {
    const started = performance.now();
    const array = new Array(5_000_000).fill(0);
    expect(open(array).slice(4_999_999, 5_000_099)).toMatchObject([{ key: '4999999' }]);
    expect(open(new Uint8Array(100_000_000)).slice(0, 100)).toHaveLength(100);
    const map = new Map(Array.from({ length: 1000 }, (_, i) => [i, i]));
    expect(
      open(map)
        .slice(900, 1000)
        .map(({ key }) => key),
    ).toHaveLength(100);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a preview', () => {
  it('is one line of at most 120 characters, for any value', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
        (value) => {
          const preview = previewData(value);
          expect(preview.length).toBeLessThanOrEqual(120);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('shows what is inside, one level deep', () => {
    expect(previewData({ sku: 'a1', qty: 2n, tags: new Set(['x']), sub: { a: 1 }, deep: { x: { y: 1 } } })).toBe(
      '{ sku: "a1", qty: 2n, tags: Set(1) { "x" }, sub: { a: 1 }, deep: { x: {…} } }',
    );
    expect(previewData([1, 'two', null])).toBe('[1, "two", null]');
    expect(previewData(new Map([['a', 1]]))).toBe('Map(1) { "a" => 1 }');
    expect(previewData(undefined)).toBe('undefined');
  });
});

describe('JSON', () => {
  it('is what JSON.stringify makes, for what JSON can carry', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1000 },
    );
  });

  it('has a word for what JSON cannot carry', () => {
    const circle: Record<string, unknown> = { big: 1n, nan: Number.NaN, map: new Map([['k', new Set([1])]]) };
    circle['self'] = circle;
    circle['twice'] = [circle['map'], circle['map']];
    expect(JSON.parse(toJson(circle))).toEqual({
      big: '1n',
      nan: 'NaN',
      map: { '[Map]': [['"k"', { '[Set]': [1] }]] },
      self: '[circular: $]',
      twice: [{ '[Map]': [['"k"', { '[Set]': [1] }]] }, { '[Map]': [['"k"', { '[Set]': [1] }]] }],
    });
    expect(toJson(hostile)).toBe('"[unreadable object]"');
  });

  it('ends, however deep or wide the value is', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 10_000; i++) deep = { deep };
    expect(toJson(deep)).toContain('[too deep]');
    const wide = Array.from({ length: 400_000 }, (_, i) => i);
    expect(toJson([wide, wide, 1])).toContain('[too much to copy]');
  });
});
