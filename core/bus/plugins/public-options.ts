import type { BusEvent } from '../event/event.js';
import type { OnOptions } from '../router/subscription.js';

/** What anybody may say of a subscription, and nothing of what the bus says itself; `this` of a filter is nobody's. */
export function publicOptions(given: OnOptions = {}): OnOptions {
  const { priority, filter, once, signal, name, timeoutMs, retry, concurrency } = given;
  const { durable, group, leaseMs, from, catchUp, maxQueue, overflow } = given;
  const options = {
    priority,
    once,
    signal,
    name,
    timeoutMs,
    retry,
    concurrency,
    durable,
    group,
    leaseMs,
    from,
    catchUp,
  };
  const own = typeof filter === 'function' ? (event: BusEvent) => filter(event) : filter;
  return { ...options, maxQueue, overflow, filter: own } as OnOptions;
}
