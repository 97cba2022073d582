import { InvalidOptionError, type Overflow, type RetryOptions } from '../../index.js';
import type { BatchError } from './errors.js';

/** A batch that was given up. */
export interface FailedBatch<T = unknown> {
  readonly items: readonly T[];
  /** What its last attempt failed with. */
  readonly error: BatchError;
}

/** What is gathered into batches, and when these are emitted. */
export interface BatcherOptions<K extends string = string, T = unknown> {
  /** Type of the event that carries a batch. */
  readonly type: K;
  /** Items of a batch at most; with so many pending, one is emitted at once. */
  readonly size: number;
  /** How long an item waits at most for others to come, in ms. */
  readonly intervalMs: number;
  /** Items that may be pending, those of batches under way included; 10,000 by default, and `size` at least. */
  readonly maxPending?: number;
  /**
   * What becomes of an item when there are so many: `reject`, the default, has `add` throw a `QueueFullError`, and
   * `dropOldest` drops the one that waits longest in no batch yet, if any does.
   */
  readonly overflow?: Overflow;
  /** How a batch is emitted again that was vetoed, dropped or not stored; 3 attempts by default. */
  readonly retry?: RetryOptions;
  /** Gets a batch that has failed for good; by default the bus's `onError` is told. */
  readonly onFailed?: (failed: FailedBatch<T>) => void;
}

/** {@link BatcherOptions} with nothing left open. */
export type BatchRules = Required<Omit<BatcherOptions, 'onFailed'>> & {
  readonly onFailed: BatcherOptions['onFailed'] | undefined;
};

/** @throws InvalidOptionError */
export function batchRules(given: BatcherOptions): BatchRules {
  const { type, size, intervalMs, maxPending = Math.max(10_000, size), overflow = 'reject', onFailed } = given;
  const { retry = { attempts: 3 } } = given;
  assertWhole('size', size, 1);
  assertWhole('maxPending', maxPending, size);
  if (!(typeof intervalMs === 'number' && intervalMs >= 0)) {
    throw new InvalidOptionError('intervalMs', intervalMs, 'a number of milliseconds, 0 or more');
  }
  if (overflow !== 'reject' && overflow !== 'dropOldest' && overflow !== 'dropNewest') {
    throw new InvalidOptionError('overflow', overflow, '"reject", "dropOldest" or "dropNewest"');
  }
  const { delayMs = 100, factor = 2, maxDelayMs = 30_000, jitter = 0.5 } = retry ?? {};
  if (retry?.attempts !== Number.POSITIVE_INFINITY) assertWhole('retry.attempts', retry?.attempts, 1);
  if (!(delayMs >= 0 && maxDelayMs >= 0 && factor >= 1 && jitter >= 0 && jitter <= 1)) {
    const wanted = 'delayMs and maxDelayMs of 0 or more, a factor of 1 or more and a jitter from 0 to 1';
    throw new InvalidOptionError('retry', retry, wanted);
  }
  if (onFailed !== undefined && typeof onFailed !== 'function') {
    throw new InvalidOptionError('onFailed', onFailed, 'a function');
  }
  return { type, size, intervalMs, maxPending, overflow, retry, onFailed };
}

/** How long to wait, in ms, after attempt number `attempt` has failed; undefined when it was the last. */
export function delayAfter(retry: RetryOptions, attempt: number, error: BatchError): number | undefined {
  if (attempt >= retry.attempts) return undefined;
  const { delayMs = 100, factor = 2, maxDelayMs = 30_000, jitter = 0.5, retryIf } = retry;
  try {
    if (retryIf?.(error, attempt) === false) return undefined;
  } catch {
    // Who cannot say whether to go on does not say to go on; what the batch failed with is what is to be told.
    return undefined;
  }
  // Not infinite: no delay would become NaN.
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
  return Math.min(delayMs * growth, maxDelayMs) * (1 - jitter * Math.random());
}

function assertWhole(option: string, value: unknown, least: number): void {
  if (!(Number.isSafeInteger(value) && (value as number) >= least)) {
    throw new InvalidOptionError(option, value, `a whole number, ${least} or more`);
  }
}
