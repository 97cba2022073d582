import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTimeScale } from './time-scale.js';

const interval = fc
  .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 5000 }))
  .map(([from, length]) => ({ from, to: from + length }));

it('what is later is never drawn further left, and everything is drawn inside', () => {
  fc.assert(
    fc.property(fc.array(interval, { minLength: 1, maxLength: 30 }), (intervals) => {
      const { x } = createTimeScale(intervals);
      const times = intervals.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b);
      const places = times.map(x);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places.every((place) => place >= 0 && place <= 1)).toBe(true);
    }),
  );
});

it('a chain without long pauses is drawn evenly', () => {
  const { x, segments } = createTimeScale([
    { from: 1000, to: 1100 },
    { from: 1140, to: 1200 },
  ]);
  expect(segments).toHaveLength(1);
  expect([x(1000), x(1100), x(1200)]).toEqual([0, 0.5, 1]);
});

it('a long pause takes a twentieth of the width, and what happens around it the rest', () => {
  const { x, segments } = createTimeScale([
    { from: 0, to: 10 },
    { from: 60_000, to: 60_010 },
  ]);
  expect(segments.map(({ isIdle }) => isIdle)).toEqual([false, true, false]);
  expect(x(60_000) - x(10)).toBeCloseTo(0.05);
  expect(x(10)).toBeCloseTo(0.475);
});

it('many long pauses leave two thirds of the width for what happened', () => {
  const intervals = Array.from({ length: 50 }, (_, i) => ({ from: i * 60_000, to: i * 60_000 + 10 }));
  const idle = createTimeScale(intervals).segments.filter(({ isIdle }) => isIdle);
  expect(idle).toHaveLength(49);
  expect(idle.reduce((sum, { left, right }) => sum + right - left, 0)).toBeLessThanOrEqual(0.3501);
});

it('ticks are round distances from the beginning, and none stands in a pause', () => {
  const { ticks } = createTimeScale([
    { from: 1003, to: 1013 },
    { from: 9000, to: 9010 },
  ]);
  const found = ticks(4);
  expect(found.map((tick) => (tick - 1003) % 5)).toEqual(found.map(() => 0));
  expect(found.some((tick) => tick > 1013 && tick < 9000)).toBe(false);
  expect(found.length).toBeGreaterThanOrEqual(3);
});

it('a chain of one instant has a scale without ticks', () => {
  const { x, ticks } = createTimeScale([{ from: 5, to: 5 }]);
  expect(x(5)).toBe(0);
  expect(ticks(5)).toEqual([]);
  expect(createTimeScale([]).x(5)).toBe(0);
});
