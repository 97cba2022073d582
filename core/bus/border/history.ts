import { InvalidOptionError } from '../errors.js';
import { type BusEvent, type EventRecord, eventFromRecord } from '../event/event.js';
import type { EventStore, HistoryQuery } from '../ports.js';

/** An event of the past and its place in the store. */
export interface StoredEvent<E = BusEvent> {
  readonly offset: number;
  readonly event: E;
}

/** Makes of a stored record what it was when it was emitted; undefined when it is to be passed by. */
export type Decode = (record: EventRecord) => EventRecord | undefined | Promise<EventRecord | undefined>;

/** Stored events that match, read as they are asked for (S4). */
export async function* readHistory(
  store: EventStore | undefined,
  query: HistoryQuery,
  decode: Decode | undefined,
): AsyncGenerator<StoredEvent> {
  if (store === undefined) throw new InvalidOptionError('store', undefined, 'a store, like memoryStore()');
  for await (const { offset, record } of store.read(query)) {
    const decoded = decode === undefined ? record : await decode(record);
    if (decoded !== undefined) yield { offset, event: eventFromRecord(decoded) };
  }
}
