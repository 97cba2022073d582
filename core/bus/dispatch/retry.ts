import { InvalidOptionError } from '../errors.js';
import type { RetryOptions } from '../router/subscription.js';
import { assertCount, assertDuration } from './queue-limits.js';

/** @throws InvalidOptionError */
export function assertRetry(retry: RetryOptions): void {
  if (typeof retry !== 'object' || retry === null)
    throw new InvalidOptionError('retry', retry, 'an object with attempts');
  const { attempts, delayMs, factor = 2, maxDelayMs, jitter = 0.5, retryIf } = retry;
  assertCount('retry.attempts', attempts, 1);
  assertDuration('retry.delayMs', delayMs);
  assertDuration('retry.maxDelayMs', maxDelayMs);
  if (!(typeof factor === 'number' && factor >= 1))
    throw new InvalidOptionError('retry.factor', factor, 'a number, 1 or more');
  if (!(typeof jitter === 'number' && jitter >= 0 && jitter <= 1))
    throw new InvalidOptionError('retry.jitter', jitter, 'a number from 0 to 1');
  if (retryIf !== undefined && typeof retryIf !== 'function') {
    throw new InvalidOptionError('retry.retryIf', retryIf, 'a function');
  }
}

/** How long to wait after call number `attempt` failed; undefined when it is not to be made again (F1). */
export function retryDelay(retry: RetryOptions | undefined, attempt: number, error: unknown): number | undefined {
  if (retry === undefined || attempt >= retry.attempts) return undefined;
  const { delayMs = 100, factor = 2, maxDelayMs = 30_000, jitter = 0.5, retryIf } = retry;
  try {
    if (retryIf?.(error, attempt) === false) return undefined;
  } catch {
    // Who cannot say whether to go on does not say to go on; the handler's own error is the one to be told.
    return undefined;
  }
  // Not infinite: no delay would become NaN.
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
  const delay = Math.min(delayMs * growth, maxDelayMs);
  return delay * (1 - jitter * Math.random());
}
