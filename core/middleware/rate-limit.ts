import {
  type BusEvent,
  type Clock,
  compilePattern,
  InvalidOptionError,
  type Middleware,
  systemClock,
} from '../index.js';

/** What {@link rateLimit} lets pass. */
export interface RateLimitOptions {
  /** Events that pass in any span of `windowMs`, for each key. */
  readonly limit: number;
  /** Length of the span in milliseconds. */
  readonly windowMs: number;
  /** Patterns of the events that are limited; all by default. */
  readonly pattern?: string | readonly string[];
  /** Who an event counts for; its `source` by default. One key for all, `() => ''`, limits the bus. */
  readonly key?: (event: BusEvent) => string;
  /**
   * Keys that are remembered; 1,000 by default. One more, and the key that has been quiet for longest is forgotten: it
   * begins anew. Each takes up to `limit` numbers of memory.
   */
  readonly maxKeys?: number;
  /** Where time is read; the platform's clock by default. In tests, that of the test bus. */
  readonly clock?: Clock;
}

/**
 * A middleware that vetoes what exceeds a rate: the results of such events have the status `vetoed`, and `vetoedBy`
 * names the middleware. What is vetoed does not count against the limit.
 *
 * It is a sliding window that is exact: in no span of `windowMs`, wherever it begins, more than `limit` events pass, and
 * an event that keeps to that always passes. A token bucket would take less memory and let almost twice as many pass
 * where a full bucket is emptied and refilled within one span; fixed windows would do so around each border. Time is read
 * from the clock's `precise`, as the `timestamp` of an event may be long ago when it is imported, and stands still while
 * the time of day is turned back.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * bus.use(rateLimit({ limit: 100, windowMs: 1_000, pattern: 'analytics.**' }), { priority: 100 });
 * const { status, vetoedBy } = await bus.emit('analytics.click', { x: 1, y: 2 }); // 'vetoed' 'rateLimit' from 101 on
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { limit, windowMs, pattern = '**', key = sourceOf, maxKeys = 1_000, clock = systemClock } = options;
  assertCount('limit', limit);
  assertCount('maxKeys', maxKeys);
  if (!(Number.isFinite(windowMs) && windowMs > 0)) {
    throw new InvalidOptionError('windowMs', windowMs, 'a number of milliseconds above 0');
  }
  if (typeof key !== 'function') throw new InvalidOptionError('key', key, 'a function');
  const limits = compilePattern(pattern);
  /** The key that has been quiet for longest is the first. */
  const windows = new Map<string, SlidingWindow>();
  const windowOf = (name: string): SlidingWindow => {
    const window = windows.get(name) ?? new SlidingWindow(limit, windowMs);
    windows.delete(name);
    if (windows.size === maxKeys) windows.delete(windows.keys().next().value as string);
    windows.set(name, window);
    return window;
  };
  return function rateLimit(event, next) {
    if (!limits(event.type) || windowOf(key(event)).admits(clock.precise())) next();
  };
}

/** When the last events passed: as many as may pass in one span, in a ring. */
class SlidingWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #passedAt: number[] = [];
  /** Where the oldest stands in a full ring. */
  #oldest = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Whether one more may pass at `now`; if so, it has. */
  admits(now: number): boolean {
    if (this.#passedAt.length < this.#limit) {
      this.#passedAt.push(now);
      return true;
    }
    if (now - (this.#passedAt[this.#oldest] as number) < this.#windowMs) return false;
    this.#passedAt[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#limit;
    return true;
  }
}

function sourceOf(event: BusEvent): string {
  return event.source;
}

function assertCount(option: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new InvalidOptionError(option, value, 'a whole number from 1 on');
  }
}
