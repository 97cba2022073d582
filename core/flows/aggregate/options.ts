import { type BusEvent, InvalidOptionError } from '../../index.js';

/** The span of time whose events a summary is of. */
export interface AggregateWindow {
  /** Epoch ms: where it begins, or, of a `debounce`, the timestamp of its earliest event. */
  readonly start: number;
  /** Epoch ms: where it ends, which is no part of it, or, of a `debounce`, the timestamp of its latest event. */
  readonly end: number;
  /** Events in it. */
  readonly count: number;
  /**
   * Why it was summarized now: its time was over; it had `maxSize` events; `maxKeys` others came; `flush` was called; or
   * the plugin was uninstalled, or the bus closed. After all but `time` another summary of the same window may follow,
   * with the events that come later.
   */
  readonly closedBy: 'time' | 'size' | 'keys' | 'flush' | 'end';
}

/** Summarizes event by event, so that none is kept: for windows with more events than memory should hold. */
export interface AggregateReducer<E, S> {
  /** What a window begins with; called for each, so that it can be changed in place. */
  readonly initial: (key: string) => S;
  /** What it is after one more event. */
  readonly reduce: (summary: S, event: E, key: string) => S;
  /** What is emitted of it in the end; by default, as it is. */
  readonly finish?: (summary: S, key: string, window: AggregateWindow) => S;
}

/** How long a window is, and what ends it. */
export type AggregateSpan =
  | {
      /** Ends when no event has come for `windowMs`, by arrival. */
      readonly mode: 'debounce';
      /** How long it has to be quiet, in ms. */
      readonly windowMs: number;
      /** Ends it so many ms after its first event came, quiet or not; no limit by default. */
      readonly maxWaitMs?: number;
      readonly slideMs?: undefined;
    }
  | {
      /** Windows one after the other, by timestamp, each from a multiple of `windowMs` since the epoch to the next. */
      readonly mode: 'tumbling';
      /** Length of a window in ms. */
      readonly windowMs: number;
      readonly slideMs?: undefined;
      readonly maxWaitMs?: undefined;
    }
  | {
      /** Windows that overlap, by timestamp, each from a multiple of `slideMs` since the epoch: an event is in several. */
      readonly mode: 'sliding';
      /** Length of a window in ms. */
      readonly windowMs: number;
      /** From the beginning of one window to that of the next, in ms: at most `windowMs`, and a 1,000th of it at least. */
      readonly slideMs: number;
      readonly maxWaitMs?: undefined;
    };

/** What an aggregate needs beside its types and its span. */
export interface AggregateLimits<E> {
  /** Name of the plugin; `aggregate:` and the type it emits by default. */
  readonly name?: string;
  /** Events of a window; with so many it is summarized at once, and goes on empty. 1,000 by default, no limit with a reducer. */
  readonly maxSize?: number;
  /**
   * Keys that have windows open at a time; 1,000 by default. One more, and the windows of the key that has been quiet for
   * longest are summarized as they are.
   */
  readonly maxKeys?: number;
  /**
   * How late an event may be, in ms. A `tumbling` or `sliding` window is summarized so long after its end, 0 by default,
   * and takes what comes until then. A `debounce` takes events whose timestamp is no longer ago; no limit by default.
   */
  readonly lateMs?: number;
  /** Gets the events that come later than that; they are counted in any case. */
  readonly onLate?: (event: E, key: string) => void;
}

/** How an aggregate summarizes: all events of a window at its end, or one by one. */
export type Summarize<E, S> =
  | ((events: readonly E[], key: string, window: AggregateWindow) => S)
  | AggregateReducer<E, S>;

/** What an aggregation goes by, with nothing left open. */
export interface AggregateRules {
  readonly emit: string;
  readonly mode: AggregateSpan['mode'];
  readonly windowMs: number;
  readonly slideMs: number;
  readonly maxWaitMs: number;
  readonly lateMs: number;
  readonly maxSize: number;
  readonly maxKeys: number;
  readonly key: (event: BusEvent) => string | undefined;
  readonly onLate: ((event: BusEvent, key: string) => void) | undefined;
  readonly summarize: Summarize<BusEvent, unknown>;
}

/** More windows than that for each event are a mistake. */
const MOST_OVERLAPS = 1_000;

/** @throws InvalidOptionError */
export function aggregateRules(
  given: AggregateSpan & AggregateLimits<BusEvent> & Pick<AggregateRules, 'emit' | 'key' | 'summarize'>,
): AggregateRules {
  const { emit, mode, windowMs, key, onLate, summarize, maxKeys = 1_000 } = given;
  const { maxWaitMs = Number.POSITIVE_INFINITY, slideMs = windowMs } = given;
  const keepsEvents = typeof summarize === 'function';
  const { maxSize = keepsEvents ? 1_000 : Number.POSITIVE_INFINITY } = given;
  const { lateMs = mode === 'debounce' ? Number.POSITIVE_INFINITY : 0 } = given;
  if (mode !== 'debounce' && mode !== 'tumbling' && mode !== 'sliding') {
    throw new InvalidOptionError('mode', mode, '"debounce", "tumbling" or "sliding"');
  }
  assertWhole('windowMs', windowMs);
  if (mode === 'sliding') {
    assertWhole('slideMs', given.slideMs);
    if (slideMs > windowMs || windowMs / slideMs > MOST_OVERLAPS) {
      throw new InvalidOptionError('slideMs', slideMs, 'at most windowMs, and a 1,000th of it at least');
    }
  }
  if (!(typeof maxWaitMs === 'number' && maxWaitMs > 0)) {
    throw new InvalidOptionError('maxWaitMs', maxWaitMs, 'a number of milliseconds above 0');
  }
  // A window by timestamps that waits for ever for what is late would never be summarized.
  const isEndless = lateMs === Number.POSITIVE_INFINITY && mode !== 'debounce';
  if (!(typeof lateMs === 'number' && lateMs >= 0) || isEndless) {
    throw new InvalidOptionError('lateMs', lateMs, 'a number of milliseconds, 0 or more');
  }
  if (maxSize !== Number.POSITIVE_INFINITY) assertWhole('maxSize', maxSize);
  assertWhole('maxKeys', maxKeys);
  assertCalled('key', key);
  if (onLate !== undefined) assertCalled('onLate', onLate);
  if (!keepsEvents) {
    assertCalled('summarize.initial', summarize?.initial);
    assertCalled('summarize.reduce', summarize?.reduce);
    if (summarize.finish !== undefined) assertCalled('summarize.finish', summarize.finish);
  }
  return { emit, mode, windowMs, slideMs, maxWaitMs, lateMs, maxSize, maxKeys, key, onLate, summarize };
}

function assertWhole(option: string, value: unknown): void {
  if (!(Number.isSafeInteger(value) && (value as number) > 0)) {
    throw new InvalidOptionError(option, value, 'a whole number from 1 on');
  }
}

function assertCalled(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new InvalidOptionError(option, value, 'a function');
}
