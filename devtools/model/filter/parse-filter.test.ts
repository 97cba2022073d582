import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDuration, parseFilter } from './parse-filter.js';

const read = (text: string): string[] =>
  parseFilter(text).conditions.map(({ key, values, negated }) => `${negated ? 'not ' : ''}${key} ${values.join('|')}`);

it('words, keys, lists, phrases and negation are told apart', () => {
  expect(read('hello type:cart.* status:error,cancelled "two words" -source:ui -"no way" dur:>50')).toEqual([
    'text hello',
    'type cart.*',
    'status error|cancelled',
    'text two words',
    'not source ui',
    'not text no way',
    'dur >50',
  ]);
});

it('a word with a colon that is no key is a word', () => {
  expect(read('urn:isbn:1 foo:"a b"')).toEqual(['text urn:isbn:1', 'text foo:a b']);
});

it('a condition that is still being typed changes nothing', () => {
  for (const text of ['', '   ', 'type:', '-', '-type:', '"', 'status:,']) expect(read(text)).toEqual([]);
});

it('an open quote reaches to the end', () => {
  expect(read('"two words')).toEqual(['text two words']);
});

it('what makes no sense is named and left out', () => {
  const { conditions, problems } = parseFilter('status:broken is:cursed type:a dur:long');
  expect(conditions).toHaveLength(1);
  expect(problems).toEqual([
    'status:broken: status is one of pending, stored, unheard, ok, cancelled, expired, vetoed, dropped, error',
    'is:cursed: is takes one of dead, retried',
    'dur:long: write a duration as >50, <2 or >1.5s',
  ]);
});

it('durations are milliseconds, or seconds with an s', () => {
  expect(parseDuration('>50')).toEqual({ above: true, ms: 50 });
  expect(parseDuration('<1.5s')).toEqual({ above: false, ms: 1500 });
  expect(parseDuration('>2ms')).toEqual({ above: true, ms: 2 });
  expect(parseDuration('50')).toBeUndefined();
});

it('any text can be read', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const { conditions } = parseFilter(text);
      expect(conditions.every(({ values }) => values.length > 0 && values.every((value) => value !== ''))).toBe(true);
    }),
  );
});
