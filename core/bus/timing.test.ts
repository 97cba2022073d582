import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BusOptions, createEventBus, type HandlerInfo, type HandlerTiming, systemClock } from '../index.js';
import { deferred } from './deferred.test.kit.js';
import { Timings } from './timing.js';

const handler: HandlerInfo = { id: 1, name: 'handler', patterns: ['a'], priority: 0, scope: undefined };

function timing(durationsMs: readonly number[]): HandlerTiming {
  const timings = new Timings();
  for (const durationMs of durationsMs) timings.record(handler, durationMs, false);
  return timings.of(handler) as HandlerTiming;
}

/** The duration that a share `q` of all does not exceed. */
const exact = (durations: readonly number[], q: number): number =>
  durations.toSorted((a, b) => a - b)[Math.ceil(q * durations.length) - 1] as number;

const between = (shortestMs: number, longestMs: number): fc.Arbitrary<number> =>
  fc
    .double({ min: Math.log(shortestMs), max: Math.log(longestMs), noNaN: true })
    .map((logarithm) => Math.min(longestMs, Math.max(shortestMs, Math.exp(logarithm))));

describe('the durations of a handler', () => {
  it('I4 have quantiles within 5 % of the exact ones, from a microsecond to ten hours', () => {
    fc.assert(
      fc.property(fc.array(between(0.00101, 36_000_000), { minLength: 1, maxLength: 400 }), (all) => {
        const { p50Ms, p95Ms, p99Ms } = timing(all);
        for (const [q, estimate] of [
          [0.5, p50Ms],
          [0.95, p95Ms],
          [0.99, p99Ms],
        ] as const) {
          const right = exact(all, q);
          expect(Math.abs(estimate - right) / right).toBeLessThanOrEqual(0.05);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('I4 have quantiles that grow, up to a maximum that is exact', () => {
    fc.assert(
      fc.property(fc.array(between(0.0001, 1e9), { minLength: 1 }), (all) => {
        const { p50Ms, p95Ms, p99Ms, maxMs, calls } = timing(all);
        expect([calls, maxMs]).toEqual([all.length, Math.max(...all)]);
        const quantiles = [p50Ms, p95Ms, p99Ms, maxMs];
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
      }),
    );
  });

  it('I4 tell one call in a hundred from the others', () => {
    const { p50Ms, p95Ms, p99Ms, maxMs } = timing([...new Array<number>(98).fill(1), 500, 900]);
    expect([p50Ms, p95Ms].map((ms) => Math.abs(ms - 1) < 0.05)).toEqual([true, true]);
    expect(Math.abs(p99Ms - 500)).toBeLessThan(25);
    expect(maxMs).toBe(900);
  });

  it('I4 count as 0 when the clock saw none, or was set back', () => {
    expect(timing([0, 0, -5, Number.NaN])).toMatchObject({ calls: 4, p50Ms: 0, p99Ms: 0, maxMs: 0 });
    expect(timing([Number.NaN, Number.NaN, 0, 0.0005, 8])).toMatchObject({ p50Ms: 0, maxMs: 8 });
  });

  it('I4 are told apart up to ten hours, and counted beyond', () => {
    const timings = new Timings();
    for (const durationMs of [1e3, 1e9, 1e300, Number.POSITIVE_INFINITY]) timings.record(handler, durationMs, false);
    expect(timings.of(handler)).toMatchObject({ calls: 4, maxMs: Number.POSITIVE_INFINITY });
    expect(timings.of(handler)?.p50Ms).toBeGreaterThan(36_000_000);
  });

  it('I4 are kept for each handler, with its failures', () => {
    const timings = new Timings();
    const other: HandlerInfo = { ...handler, id: 2 };
    timings.record(handler, 1, true);
    timings.record(handler, 3, false);
    timings.record(other, 2, false);
    expect(timings.of(handler)).toMatchObject({ handler, calls: 2, failures: 1, maxMs: 3 });
    expect(timings.of(other)).toMatchObject({ handler: other, calls: 1, failures: 0, maxMs: 2 });
    expect(timings.of({ ...handler, id: 3 })).toBeUndefined();
  });
});

/** A bus whose time passes when a test says so. */
function timedBus(options: BusOptions) {
  let nowMs = 1_700_000_000_000;
  const bus = createEventBus({
    ...options,
    onError: () => {},
    clock: { ...systemClock, now: () => nowMs, precise: () => nowMs },
  });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const handlers = () =>
    bus.stats().handlers.map(({ handler, calls, failures, maxMs }) => [handler.name, calls, failures, maxMs]);
  return { bus, pass, handlers };
}

describe('the statistics of a bus', () => {
  it('I4 hold the durations of handlers, asynchronous and failing ones too, with timing: true', async () => {
    const { bus, pass, handlers } = timedBus({ timing: true });
    const gate = deferred();
    bus.on('a', () => pass(5), { name: 'sync', priority: 2 });
    bus.on('a', () => gate.promise, { name: 'async', priority: 1 });
    bus.on(
      'a',
      () => {
        pass(1);
        throw new Error('no');
      },
      { name: 'failing' },
    );
    const emission = bus.emit('a');
    pass(20);
    gate.resolve();
    await emission;
    expect(handlers()).toEqual([
      ['sync', 1, 0, 5],
      ['async', 1, 0, 20],
      ['failing', 1, 1, 1],
    ]);
  });

  it('I4 hold none otherwise, and those of the calls that were inspected', () => {
    const { bus, pass, handlers } = timedBus({});
    bus.on('a', () => pass(5), { name: 'one' });
    bus.emit('a');
    expect(handlers()).toEqual([]);
    const stop = bus.inspect(() => {});
    bus.emit('a');
    stop();
    bus.emit('a');
    expect(handlers()).toEqual([['one', 1, 0, 5]]);
  });

  it('I4 forget a handler with its subscription', () => {
    const { bus, handlers } = timedBus({ timing: true });
    const off = bus.on('a', () => {}, { name: 'one' });
    bus.on('a', () => {}, { name: 'other' });
    bus.emit('a');
    off();
    expect(handlers()).toEqual([['other', 1, 0, 0]]);
  });
});
