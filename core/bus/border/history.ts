import { InvalidOptionError } from '../errors.js';
import { type BusEvent, eventFromRecord } from '../event/event.js';
import type { EventStore, HistoryQuery } from '../ports.js';

/** An event of the past and its place in the store. */
export interface StoredEvent<E = BusEvent> {
  readonly offset: number;
  readonly event: E;
}

/** Stored events that match, read as they are asked for (S4). */
export async function* readHistory(store: EventStore | undefined, query: HistoryQuery): AsyncGenerator<StoredEvent> {
  if (store === undefined) throw new InvalidOptionError('store', undefined, 'a store, like memoryStore()');
  for await (const { offset, record } of store.read(query)) yield { offset, event: eventFromRecord(record) };
}
