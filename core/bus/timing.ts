import type { HandlerInfo } from './inspection.js';

/** What is known of the calls of a handler; durations in ms, quantiles within 5 % from 1 µs to ten hours. */
export interface HandlerTiming {
  readonly handler: HandlerInfo;
  readonly calls: number;
  readonly failures: number;
  /** Half of the calls took no longer. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Exact. */
  readonly maxMs: number;
}

/** Buckets as in DDSketch (Masson, Rim, Lee, 2019): each reaches this many times further than the one before it. */
const GROWTH = 1.1;
/** Upper end of bucket 0, in ms: what is shorter counts as 0. */
const SHORTEST = 0.001;
/** The last bucket ends at eleven hours. */
const LAST = 256;
const PER_LOGARITHM = 1 / Math.log(GROWTH);
/** Of a bucket's upper end, the point that is relatively as far from its one end as from its other: 4.8 %. */
const MIDDLE = 2 / (1 + GROWTH);

interface Calls {
  calls: number;
  failures: number;
  max: number;
  /** As long as the slowest call needs. */
  readonly buckets: number[];
}

/** How long the calls of each handler took; forgotten with the handler's subscription. */
export class Timings {
  readonly #calls = new WeakMap<HandlerInfo, Calls>();

  record(handler: HandlerInfo, durationMs: number, failed: boolean): void {
    let of = this.#calls.get(handler);
    if (of === undefined) {
      of = { calls: 0, failures: 0, max: 0, buckets: [] };
      this.#calls.set(handler, of);
    }
    of.calls++;
    if (failed) of.failures++;
    if (durationMs > of.max) of.max = durationMs;
    const { buckets } = of;
    const bucket = bucketOf(durationMs);
    while (buckets.length <= bucket) buckets.push(0);
    buckets[bucket] = (buckets[bucket] as number) + 1;
  }

  of(handler: HandlerInfo): HandlerTiming | undefined {
    const of = this.#calls.get(handler);
    if (of === undefined) return undefined;
    const { calls, failures, max, buckets } = of;
    const quantile = (q: number): number => {
      let left = Math.ceil(q * calls);
      const bucket = buckets.findIndex((count) => {
        left -= count;
        return left <= 0;
      });
      return bucket === 0 ? 0 : Math.min(max, SHORTEST * GROWTH ** bucket * MIDDLE);
    };
    return {
      handler,
      calls,
      failures,
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      maxMs: max,
    };
  }
}

function bucketOf(durationMs: number): number {
  // A clock that was set back gives what is not above either.
  if (!(durationMs > SHORTEST)) return 0;
  return Math.min(LAST, Math.ceil(Math.log(durationMs / SHORTEST) * PER_LOGARITHM));
}
