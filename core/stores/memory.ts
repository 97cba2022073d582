import {
  type CursorStore,
  type DeadLetterStore,
  type EventRecord,
  type EventStore,
  type HistoryQuery,
  InvalidOptionError,
  type Locks,
  locateCloneFault,
  type StoreCaps,
  type StoredRecord,
  type StoredRef,
  StoreError,
} from '../index.js';
import { MemoryCursors } from './memory/cursors.js';
import { MemoryDeadLetters } from './memory/dead-letters.js';
import { MemoryLocks } from './memory/locks.js';
import { queryMatcher } from './query/query-matcher.js';

/** How a memory store is made; every option may be left out. */
export interface MemoryStoreOptions {
  /** Stands in errors; `memory` by default. */
  readonly name?: string;
  /** How many events are kept; the oldest go first. 100 000 by default. */
  readonly maxEvents?: number;
  /**
   * Says that several buses are given this one store: each event is stored by the bus that emitted it, once, and
   * closing one of the buses leaves the store open for the others.
   */
  readonly shared?: boolean;
}

/**
 * A store in memory, for tests and for histories that may end with the process. It keeps copies: what happens to an
 * event after it is stored, or to what was read, changes nothing in the store.
 *
 * @throws InvalidOptionError
 * @example
 * const bus = createEventBus({ store: memoryStore({ maxEvents: 1000 }) });
 * await bus.emit('user.created', { userId: '1' }).persisted;
 * for await (const { offset, event } of bus.history({ pattern: 'user.*' })) console.log(offset, event.data);
 */
export function memoryStore(options: MemoryStoreOptions = {}): EventStore {
  return new MemoryStore(options);
}

class MemoryStore implements EventStore {
  readonly name: string;
  readonly caps: StoreCaps;
  readonly deadLetters: DeadLetterStore = new MemoryDeadLetters((operation) => this.#assertOpen(operation));
  readonly cursors: CursorStore = new MemoryCursors(
    (operation) => this.#assertOpen(operation),
    () => this.#oldest - 1,
  );
  readonly locks: Locks = new MemoryLocks();
  readonly #maxEvents: number;
  /** The event with offset `n` is at `(n - 1) % maxEvents`, unless it was purged. */
  readonly #ring: (EventRecord | undefined)[] = [];
  #newest = 0;
  #closed = false;
  #id: string | undefined;

  constructor({ name = 'memory', maxEvents = 100_000, shared = false }: MemoryStoreOptions) {
    if (maxEvents !== Number.POSITIVE_INFINITY && !(Number.isInteger(maxEvents) && maxEvents > 0)) {
      throw new InvalidOptionError('maxEvents', maxEvents, 'a whole number from 1 on');
    }
    this.name = name;
    this.#maxEvents = maxEvents;
    this.caps = { persistent: false, shared };
  }

  get id(): string {
    // Made when asked for: some edge runtimes forbid randomness at module scope, where stores are made.
    this.#id ??= `memory:${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
    return this.#id;
  }

  async append(records: readonly EventRecord[]): Promise<readonly StoredRef[]> {
    this.#assertOpen('append');
    return this.#copy(records).map((record) => {
      this.#ring[this.#newest++ % this.#maxEvents] = record;
      return { store: this.id, offset: this.#newest };
    });
  }

  read(query: HistoryQuery = {}): AsyncIterable<StoredRecord> {
    return this.#read(query, queryMatcher(query));
  }

  async purge(query: HistoryQuery): Promise<number> {
    const found: number[] = [];
    for (const { offset } of this.#find(query, queryMatcher(query))) found.push(offset);
    for (const offset of found) this.#ring[(offset - 1) % this.#maxEvents] = undefined;
    return found.length;
  }

  async close(): Promise<void> {
    if (!this.caps.shared) this.#closed = true;
  }

  async *#read(query: HistoryQuery, matches: (record: EventRecord) => boolean): AsyncGenerator<StoredRecord> {
    for (const { offset, record } of this.#find(query, matches)) yield { offset, record: structuredClone(record) };
  }

  /** Looks for the next when it is asked for. */
  *#find(query: HistoryQuery, matches: (record: EventRecord) => boolean): Generator<StoredRecord> {
    const { after = 0, before = Number.POSITIVE_INFINITY, order = 'asc', signal } = query;
    let { limit: left = Number.POSITIVE_INFINITY } = query;
    this.#mayRead(signal);
    // What is appended while it is read stays unread, or a reader that appends would never come to an end.
    const last = Math.min(this.#newest, Math.ceil(before) - 1);
    const first = (): number => Math.max(this.#oldest, Math.floor(after) + 1);
    const step = order === 'asc' ? 1 : -1;
    for (let offset = step > 0 ? first() : last; left > 0; offset += step) {
      // The oldest may have gone since the last step.
      if (step > 0) offset = Math.max(offset, this.#oldest);
      if (offset > last || offset < first()) return;
      const record = this.#ring[(offset - 1) % this.#maxEvents];
      if (record === undefined || !matches(record)) continue;
      yield { offset, record };
      if (--left > 0) this.#mayRead(signal);
    }
  }

  #mayRead(signal: AbortSignal | undefined): void {
    this.#assertOpen('read');
    signal?.throwIfAborted();
  }

  get #oldest(): number {
    return Math.max(1, this.#newest - this.#maxEvents + 1);
  }

  #copy(records: readonly EventRecord[]): readonly EventRecord[] {
    try {
      return structuredClone(records);
    } catch (error) {
      throw locateCloneFault(records, error);
    }
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new StoreError(this.name, operation, 'It was closed: make a new one');
  }
}
