import { InvalidOptionError } from '../errors.js';
import type { Overflow } from '../router/subscription.js';

/** Limits on the events of a bus. */
export interface QueueOptions {
  /** Events in flight at a time; those caused by one in flight are not held up. No limit by default. */
  readonly concurrency?: number;
  /** Events that may wait; 10,000 by default. */
  readonly maxSize?: number;
  /** What becomes of an event when `maxSize` wait: `reject`, the default, has `emit` throw a `QueueFullError`. */
  readonly overflow?: Overflow;
  /** How long a chain of events that cause one another may be, less than 10 ms apart on average; 20,000 by default. */
  readonly maxDepth?: number;
}

/** {@link QueueOptions} with nothing left open. */
export type QueueLimits = Required<QueueOptions>;

/** @throws InvalidOptionError */
export function queueLimits(options: QueueOptions = {}): QueueLimits {
  const { concurrency = Number.POSITIVE_INFINITY, maxSize = 10_000, overflow = 'reject', maxDepth = 20_000 } = options;
  assertCount('queue.concurrency', concurrency, 1);
  assertCount('queue.maxSize', maxSize, 0);
  assertCount('queue.maxDepth', maxDepth, 1);
  assertOverflow('queue.overflow', overflow);
  return { concurrency, maxSize, overflow, maxDepth };
}

/** @throws InvalidOptionError */
export function assertCount(option: string, value: unknown, least: number): void {
  const isCount = value === Number.POSITIVE_INFINITY || Number.isSafeInteger(value);
  if (!isCount || (value as number) < least) {
    throw new InvalidOptionError(option, value, `a whole number, ${least} or more, or Infinity`);
  }
}

/** @throws InvalidOptionError */
export function assertOverflow(option: string, value: unknown): void {
  if (value !== 'reject' && value !== 'dropOldest' && value !== 'dropNewest') {
    throw new InvalidOptionError(option, value, '"reject", "dropOldest" or "dropNewest"');
  }
}

/** @throws InvalidOptionError */
export function assertDuration(option: string, value: unknown): void {
  if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
    throw new InvalidOptionError(option, value, 'a number of milliseconds, 0 or more');
  }
}
