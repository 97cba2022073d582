import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePattern } from '../../../core/index.js';
import { matchType } from './match-type.js';

const segment = fc.constantFrom('a', 'b', 'cart', 'x1');
const type = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('.'));
const pattern = fc
  .array(fc.oneof(segment, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join('.'))
  .filter((text) => text.includes('*'));

it('what has a wildcard matches as a pattern of the bus does', () => {
  fc.assert(
    fc.property(pattern, type, (wanted, name) => {
      expect(matchType(wanted, name)).toBe(compilePattern(wanted)(name));
    }),
    { numRuns: 3000 },
  );
});

it('what has none is a part of the type, in any case of letters', () => {
  expect(matchType('cart', 'shop.Cart.added')).toBe(true);
  expect(matchType('CART.add', 'shop.cart.added')).toBe(true);
  expect(matchType('order', 'shop.cart.added')).toBe(false);
});

it('a pattern made to be slow is not', () => {
  const wanted = `${'**.a.'.repeat(20)}b`;
  const started = performance.now();
  expect(matchType(wanted, 'a.'.repeat(120).slice(0, -1))).toBe(false);
  expect(performance.now() - started).toBeLessThan(50);
});
