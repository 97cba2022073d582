import { assertCount, assertDuration } from '../dispatch/queue-limits.js';
import { InvalidOptionError } from '../errors.js';
import { isWildcard } from '../event/pattern.js';
import type { EventStore } from '../ports.js';
import type { OnOptions, StartPosition, SubscribeOptions } from '../router/subscription.js';

/** How a subscription reads from the store, with nothing left open. */
export interface ConsumerOptions {
  /** Name of its cursor; undefined for one that begins anew each time. */
  readonly durable: string | undefined;
  readonly group: string | undefined;
  readonly from: StartPosition;
  readonly concurrency: number;
  readonly leaseMs: number;
}

/** What a subscription that reads from the store cannot have, and why. */
const impossible: readonly (readonly [keyof OnOptions, string])[] = [
  ['priority', 'left out: events come from the store in order, to this subscription alone'],
  ['once', 'left out: unsubscribe in the handler instead'],
  ['maxQueue', 'left out: what waits stays in the store'],
  ['overflow', 'left out: what waits stays in the store'],
];

/** @throws InvalidOptionError */
export function consumerOptions(
  patterns: readonly string[],
  options: SubscribeOptions,
  store: EventStore | undefined,
  keeps: (type: string) => boolean,
): ConsumerOptions {
  const { group, durable = group, from = 'new', concurrency = 1, leaseMs = 10_000 } = options;
  if (store === undefined) throw withoutStore(options);
  for (const option of ['durable', 'group'] as const) assertName(option, options[option]);
  if (durable !== undefined && store.cursors === undefined) {
    throw new InvalidOptionError('durable', durable, 'a store that keeps cursors, like indexedDbStore()');
  }
  for (const [option, remedy] of impossible) {
    if (options[option] !== undefined) throw new InvalidOptionError(option, options[option], remedy);
  }
  assertStart(from);
  assertCount('concurrency', concurrency, 1);
  assertDuration('leaseMs', leaseMs);
  if (leaseMs === 0) throw new InvalidOptionError('leaseMs', leaseMs, 'a time in ms above 0');
  const missing = patterns.find((pattern) => !isWildcard(pattern) && !keeps(pattern));
  if (missing !== undefined) {
    throw new InvalidOptionError('pattern', missing, 'a type that is stored: see the persist option of the bus');
  }
  // As many events as the batches that may be under way have room for.
  return { durable, group, from, concurrency: concurrency * (options.batch?.size ?? 1), leaseMs };
}

/** What is wrong with a subscription that would read from a store on a bus without one. */
export function withoutStore(options: OnOptions): InvalidOptionError {
  const asked = (['durable', 'group', 'from', 'catchUp', 'leaseMs'] as const).find((one) => options[one] !== undefined);
  return new InvalidOptionError(asked ?? 'store', asked && options[asked], 'a bus that has a store');
}

function assertName(option: string, name: unknown): void {
  if (name !== undefined && (typeof name !== 'string' || name === '' || name.length > 256)) {
    throw new InvalidOptionError(option, name, 'a text of 1 to 256 characters');
  }
}

function assertStart(from: unknown): void {
  if (from === 'new' || from === 'all') return;
  if (typeof from === 'object' && from !== null) {
    const { offset, since } = from as { readonly offset?: unknown; readonly since?: unknown };
    if (Number.isFinite(offset) !== Number.isFinite(since)) return;
  }
  throw new InvalidOptionError('from', from, '"new", "all", { offset } or { since }');
}
