import type { Clock } from '../clock.js';
import type { BusEvent } from '../event/event.js';
import type { AnyHandler, SubscribeOptions, Subscription } from '../router/subscription.js';

/** What calls that are built on subscriptions need of their bus. */
export interface CallHost {
  readonly clock: Clock;
  /** Why nothing can be subscribed any more, before the subscriptions are ended; undefined while it can. */
  closed(operation: string): Error | undefined;
  on(pattern: string | readonly string[], handler: AnyHandler, options: SubscribeOptions): Subscription;
  /** Counts, and shows observers, an event that a stream had no room for. */
  dropped(event: BusEvent): void;
}
