import {
  type Durability,
  type EventRecord,
  type EventStore,
  type HistoryQuery,
  InvalidOptionError,
  type StoreCaps,
  type StoredRecord,
  type StoredRef,
  StoreError,
} from '../index.js';
import { Connection } from './indexeddb/connection.js';
import { IndexedDbDeadLetters } from './indexeddb/dead-letters.js';
import { readEvents } from './indexeddb/reader.js';
import { Writer } from './indexeddb/writer.js';
import { queryMatcher } from './query/query-matcher.js';

/** How an IndexedDB store is made. */
export interface IndexedDbStoreOptions {
  /** Name of the database: tabs and workers of one origin that give the same name share one log. */
  readonly name: string;
  /** How long the database may take to open before calls reject, in ms; 10 000 by default. */
  readonly openTimeoutMs?: number;
}

/**
 * A store in IndexedDB, shared by every tab and worker of an origin, that outlives them all. The database is opened by
 * the first append or read. Events are committed in groups, as large as the load makes them; what is pending is
 * committed at once when the page is hidden, frozen or left. A record is copied when its turn to be written comes, not
 * when it is appended.
 *
 * @throws InvalidOptionError
 * @example
 * const bus = createEventBus({ store: indexedDbStore({ name: 'shop' }) });
 * await bus.emit('order.placed', { orderId: '1' }).persisted;
 * for await (const { offset, event } of bus.history({ pattern: 'order.**', order: 'desc', limit: 20 })) console.log(offset, event.type);
 */
export function indexedDbStore(options: IndexedDbStoreOptions): EventStore {
  return new IndexedDbStore(options);
}

class IndexedDbStore implements EventStore {
  readonly name: string;
  readonly id: string;
  readonly caps: StoreCaps = { persistent: true, shared: true };
  readonly deadLetters: IndexedDbDeadLetters;
  readonly #connection: Connection;
  readonly #writer: Writer;
  #closing: Promise<void> | undefined;

  constructor({ name, openTimeoutMs = 10_000 }: IndexedDbStoreOptions) {
    if (typeof name !== 'string' || name === '') throw new InvalidOptionError('name', name, 'the name of a database');
    if (!(openTimeoutMs > 0)) throw new InvalidOptionError('openTimeoutMs', openTimeoutMs, 'a time in ms above 0');
    this.name = name;
    this.id = `indexeddb:${name}`;
    this.#connection = new Connection(name, openTimeoutMs);
    this.#writer = new Writer(name, this.#connection);
    this.deadLetters = new IndexedDbDeadLetters(this.#connection, (operation) => this.#assertOpen(operation));
  }

  async append(
    records: readonly EventRecord[],
    { durability = 'relaxed' }: { readonly durability?: Durability } = {},
  ): Promise<readonly StoredRef[]> {
    this.#assertOpen('append');
    if (records.length === 0) return [];
    const offsets = await this.#writer.append(records, durability);
    return offsets.map((offset) => ({ store: this.id, offset }));
  }

  read(query: HistoryQuery = {}): AsyncIterable<StoredRecord> {
    return this.#read(query, queryMatcher(query));
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#writer.close(), this.deadLetters.settled()]).then(() =>
      this.#connection.close(),
    );
    return this.#closing;
  }

  async *#read(query: HistoryQuery, matches: (record: EventRecord) => boolean): AsyncGenerator<StoredRecord> {
    this.#assertOpen('read');
    yield* readEvents(this.#connection, query, matches);
  }

  #assertOpen(operation: string): void {
    if (this.#closing !== undefined) throw new StoreError(this.name, operation, 'It was closed: make a new one');
  }
}
