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
import { IndexedDbCursors } from './indexeddb/cursors.js';
import { IndexedDbDeadLetters } from './indexeddb/dead-letters.js';
import { Maintenance } from './indexeddb/maintenance.js';
import type { StoreNotice } from './indexeddb/notice.js';
import { PageLife, type PageMoment } from './indexeddb/page-life.js';
import { purgeEvents } from './indexeddb/purge.js';
import { readEvents } from './indexeddb/reader.js';
import { checkRetention, type RetentionOptions } from './indexeddb/retention.js';
import { Space } from './indexeddb/space.js';
import { WebLocks } from './indexeddb/web-locks.js';
import { Writer } from './indexeddb/writer.js';
import { queryMatcher } from './query/query-matcher.js';

export type { RetentionOptions, StoreNotice };

/** How an IndexedDB store is made. */
export interface IndexedDbStoreOptions {
  /** Name of the database: tabs and workers of one origin that give the same name share one log. */
  readonly name: string;
  /** How long the database may take to open before calls reject, in ms; 10 000 by default. */
  readonly openTimeoutMs?: number;
  /** How much of the log is kept. */
  readonly retention?: RetentionOptions;
  /** Told when old events went, and when the space is used up; what it throws is ignored. */
  readonly onNotice?: (notice: StoreNotice) => void;
}

/**
 * A store in IndexedDB, shared by every tab and worker of an origin, that outlives them all. The database is opened by
 * the first append or read. Events are committed in groups, as large as the load makes them; what is pending is
 * committed at once when the page is hidden, frozen or left. A record is copied when its turn to be written comes, not
 * when it is appended.
 *
 * The oldest events go as `retention` says. Where IndexedDB is forbidden, as in some private windows, and while the space
 * is used up, calls reject with a `StoreError` that says what to do, and the bus handles its events all the same.
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
  readonly cursors: IndexedDbCursors;
  readonly locks?: WebLocks;
  readonly #page = new PageLife((moment) => this.#pageIs(moment));
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #maintenance: Maintenance;
  #closing: Promise<void> | undefined;

  constructor({ name, openTimeoutMs = 10_000, retention = {}, onNotice = () => {} }: IndexedDbStoreOptions) {
    if (typeof name !== 'string' || name === '') throw new InvalidOptionError('name', name, 'the name of a database');
    if (!(openTimeoutMs > 0)) throw new InvalidOptionError('openTimeoutMs', openTimeoutMs, 'a time in ms above 0');
    checkRetention(retention);
    this.name = name;
    this.id = `indexeddb:${name}`;
    const tell = (notice: StoreNotice): void => {
      try {
        onNotice(notice);
      } catch {
        // Who watches the store is not to disturb it.
      }
    };
    const full = (error: StoreError): void => {
      tell({ kind: 'full', error });
      void this.#maintenance.makeRoom();
    };
    const space = new Space(name, full, () => tell({ kind: 'writable' }));
    this.#connection = new Connection(name, openTimeoutMs, this.#page);
    this.#writer = new Writer(name, this.#connection, this.#page, space, (events, bytes) =>
      this.#maintenance.wrote(events, bytes),
    );
    if (typeof navigator !== 'undefined' && 'locks' in navigator) this.locks = new WebLocks(name, this.#page);
    this.#maintenance = new Maintenance(this.#connection, this.locks, retention, tell);
    const assertOpen = (operation: string): void => this.#assertOpen(operation);
    this.deadLetters = new IndexedDbDeadLetters(this.#connection, assertOpen);
    this.cursors = new IndexedDbCursors(this.#connection, assertOpen);
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

  async purge(query: HistoryQuery): Promise<number> {
    this.#assertOpen('purge');
    return purgeEvents(this.#connection, query, queryMatcher(query));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#page.end();
    const parts = [this.#writer.close(), this.#maintenance.close(), this.deadLetters.settled(), this.cursors.settled()];
    await Promise.all(parts);
    this.#connection.close();
  }

  #pageIs(moment: PageMoment): void {
    // What is pending is committed before the connection goes.
    this.#writer.pageIs(moment);
    if (moment === 'frozen') this.#connection.sleep();
    // It stays open: what is emitted later in the same moment is committed, too.
    if (moment === 'left') this.#connection.pause();
    if (moment === 'frozen' || moment === 'left') this.locks?.leave();
  }

  async *#read(query: HistoryQuery, matches: (record: EventRecord) => boolean): AsyncGenerator<StoredRecord> {
    this.#assertOpen('read');
    yield* readEvents(this.#connection, query, matches);
  }

  #assertOpen(operation: string): void {
    if (this.#closing !== undefined) throw new StoreError(this.name, operation, 'It was closed: make a new one');
  }
}
