import type { BusEvent } from '../event/event.js';
import type { OnOptions, SubscribeOptions } from '../router/subscription.js';

/** What anybody may say of a subscription, and nothing of what the bus says itself; `this` of a filter is nobody's. */
export function publicOptions(given: SubscribeOptions = {}): SubscribeOptions {
  const { priority, filter, once, signal, name, timeoutMs, retry, concurrency, batch } = given;
  const { durable, group, leaseMs, from, catchUp, maxQueue, overflow } = given;
  const options = {
    priority,
    once,
    signal,
    name,
    timeoutMs,
    retry,
    concurrency,
    batch,
    durable,
    group,
    leaseMs,
    from,
    catchUp,
  };
  const own = typeof filter === 'function' ? (event: BusEvent) => filter(event) : filter;
  return { ...options, maxQueue, overflow, filter: own } as SubscribeOptions;
}

/**
 * Has a scope's subscription that reads from the store do so with a cursor of the scope's own: under the name alone any
 * plugin could move on, or hold up, what another has still to handle. Nothing else that is seen of it changes.
 */
export function ownCursor(source: string, options: OnOptions): OnOptions {
  const { group, durable = group, name = durable } = options;
  // What is no name is told as such.
  if (typeof durable !== 'string' || durable === '') return options;
  // Without a space in the first part no two pairs give the same name.
  return { ...options, name, durable: `${source.replace(/[% ]/g, encodeURIComponent)} ${durable}` } as OnOptions;
}
