import { useMemo, useSyncExternalStore } from 'react';
import { type BusEvent, InvalidOptionError } from '../index.js';
import { useByValue } from './by-value.js';
import { Connection, useConnection } from './connection.js';
import { useBusFor } from './event-bus-provider.js';
import { serverSnapshot } from './event-feed.js';
import { sharedFeed } from './shared-feeds.js';

/** Where the events of a component begin. */
export interface UseLatestEventOptions {
  /** Begins with what the bus has stored, instead of with the events from the first render on. */
  readonly fromStore?: boolean;
}

/** {@link UseLatestEventOptions}, and how many events there are. */
export interface UseEventHistoryOptions extends UseLatestEventOptions {
  /** How many events are kept, the latest; 100 by default. */
  readonly limit?: number;
}

/**
 * The latest events that match, the oldest first: the same list until there are others, and a new one with a frame at
 * most, however many there are.
 *
 * @throws ProviderMissingError, InvalidOptionError; to the nearest error boundary what `on` and `history` throw
 * @example
 * const lines = useEventHistory('log.**', { limit: 50, fromStore: true });
 * return <ul>{lines.map((event) => <li key={event.id}>{event.type}</li>)}</ul>;
 */
export function useEventHistory(
  pattern: string | readonly string[],
  { limit = 100, fromStore = false }: UseEventHistoryOptions = {},
): readonly BusEvent[] {
  return useFeed('useEventHistory', pattern, limit, fromStore);
}

/**
 * The latest event that matches, undefined until there is one; renders with a frame at most, however many there are.
 *
 * @throws ProviderMissingError; to the nearest error boundary what `on` and `history` throw
 * @example
 * const price = useLatestEvent('price.changed')?.data;
 */
export function useLatestEvent(
  pattern: string | readonly string[],
  { fromStore = false }: UseLatestEventOptions = {},
): BusEvent | undefined {
  return useFeed('useLatestEvent', pattern, 1, fromStore)[0];
}

function useFeed(
  hook: string,
  pattern: string | readonly string[],
  limit: number,
  fromStore: boolean,
): readonly BusEvent[] {
  const bus = useBusFor(hook);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidOptionError('limit', limit, 'a whole number from 1 on');
  const query = useByValue({ pattern, limit, fromStore });
  const feed = useMemo(() => sharedFeed(bus, query), [bus, query]);
  const connection = useMemo(() => new Connection(feed.follow), [feed]);
  useConnection(connection);
  const { events, failure } = useSyncExternalStore(feed.subscribe, feed.snapshot, serverSnapshot);
  if (failure !== undefined) throw failure.error;
  return events;
}
