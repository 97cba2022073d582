import { expect, it } from 'vitest';
import { isSame } from './by-value.js';

const shared = new Map();
const cyclic = (): object => {
  const one: Record<string, unknown> = {};
  one['self'] = one;
  return one;
};

it.each([
  ['texts', 'a', 'a'],
  ['not-a-numbers', Number.NaN, Number.NaN],
  ['lists', ['a', ['b']], ['a', ['b']]],
  ['objects in any order', { a: 1, b: { c: undefined } }, { b: { c: undefined }, a: 1 }],
  ['objects without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['dates', new Date(1), new Date(1)],
  ['dates that are none', new Date(Number.NaN), new Date(Number.NaN)],
  ['what is one', shared, shared],
])('H3 takes %s as the same', (_, one, other) => {
  expect([isSame(one, other), isSame(other, one)]).toEqual([true, true]);
});

it.each([
  ['a text and a list of it', 'a', ['a']],
  ['lists of another order', ['a', 'b'], ['b', 'a']],
  ['lists of another length', ['a'], ['a', 'b']],
  ['a list and an object with its keys', ['a'], { 0: 'a' }],
  ['a key that is missing', { a: undefined }, { b: undefined }],
  ['other dates', new Date(1), new Date(2)],
  ['null and an object', null, {}],
  ['two maps', new Map(), new Map()],
  ['functions', () => {}, () => {}],
  ['two that have no end', cyclic(), cyclic()],
])('H3 tells %s apart', (_, one, other) => {
  expect([isSame(one, other), isSame(other, one)]).toEqual([false, false]);
});
