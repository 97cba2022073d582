import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from './histogram.js';

const filled = (durations: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const duration of durations) histogram.record(duration);
  return histogram;
};

const exact = (durations: readonly number[], q: number): number =>
  durations.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * durations.length)) - 1] as number;

/** From a microsecond, where the buckets begin, to an hour. */
const duration = fc
  .double({ min: Math.log(2 ** -10), max: Math.log(3_600_000), noNaN: true })
  .map((exponent) => Math.exp(exponent));

it('a quantile is within 1.6 % of the exact one', () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, q) => {
        const right = exact(all, q);
        expect(Math.abs(filled(all).quantile(q) - right) / right).toBeLessThanOrEqual(0.016);
      },
    ),
    { numRuns: 1000 },
  );
});

it('no quantile is above the maximum, which is exact', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1 }), (all) => {
      const histogram = filled(all);
      expect(histogram.max).toBe(Math.max(...all));
      expect(histogram.quantile(1)).toBeLessThanOrEqual(histogram.max);
    }),
  );
});

it('durations too short for the clock count as zero', () => {
  const histogram = filled([0, 0, 0, 5]);
  expect(histogram.count).toBe(4);
  expect(histogram.quantile(0.5)).toBe(0);
  expect(histogram.quantile(0.99)).toBeCloseTo(5, 0);
});

it('a duration below zero counts as zero, and one beyond the buckets as the maximum', () => {
  expect(filled([-3]).quantile(1)).toBe(0);
  expect(filled([1e9]).quantile(0.5)).toBeLessThanOrEqual(1e9);
  expect(filled([1e9]).max).toBe(1e9);
});

it('an empty histogram has zeros', () => {
  const empty = new Histogram();
  expect([empty.quantile(0.5), empty.max, empty.mean, empty.count]).toEqual([0, 0, 0, 0]);
});

it('bars hold every duration that the buckets hold', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1 }), fc.integer({ min: 1, max: 40 }), (all, bars) => {
      const { counts } = filled(all).bars(bars);
      expect(counts).toHaveLength(bars);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
    }),
  );
});
