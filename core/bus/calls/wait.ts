import { assertDuration } from '../dispatch/queue-limits.js';
import { UnsubscribedError, WaitTimeoutError } from '../errors.js';
import type { BusEvent } from '../event/event.js';
import { patternKey } from '../event/pattern.js';
import type { SubscribeOptions, Subscription } from '../router/subscription.js';
import type { CallHost } from './call-host.js';

/** What is waited for, and how long. */
export interface WaitOptions<E = BusEvent> {
  /** Events it does not return true for are waited through; its failures are reported as those of any filter. */
  readonly filter?: (event: E) => boolean;
  /** Rejects with a `WaitTimeoutError` after this time; no limit by default. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * The next event that matches (R6).
 *
 * @throws InvalidPatternError, InvalidOptionError, BusClosedError
 */
export function waitFor(
  host: CallHost,
  pattern: string | readonly string[],
  options: WaitOptions = {},
): Promise<BusEvent> {
  const { filter, timeoutMs, signal } = options;
  assertDuration('timeoutMs', timeoutMs);
  const closed = host.closed('waitFor');
  if (closed !== undefined) throw closed;
  let resolve!: (event: BusEvent) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<BusEvent>((...both) => {
    [resolve, reject] = both;
  });
  let subscription: Subscription | undefined;
  let timer: unknown;
  let over = false;
  const end = (): void => {
    over = true;
    host.clock.clearTimeout(timer);
    subscription?.();
  };
  const ended = (): void => {
    if (over) return;
    end();
    if (signal?.aborted === true) reject(signal.reason);
    else reject(host.closed('waitFor') ?? new UnsubscribedError(patternKey(pattern)));
  };
  const take = (event: BusEvent): void => {
    end();
    resolve(event);
  };
  subscription = host.on(pattern, take, { name: 'waitFor', filter, signal, ended } as SubscribeOptions);
  // An observer that is told of the subscription may have emitted, or closed the bus, before it is at hand.
  if (over) subscription();
  else if (!subscription.active) ended();
  else if (timeoutMs !== undefined && timeoutMs < Number.POSITIVE_INFINITY) {
    timer = host.clock.setTimeout(() => {
      end();
      reject(new WaitTimeoutError(patternKey(pattern), timeoutMs));
    }, timeoutMs);
  }
  return promise;
}
