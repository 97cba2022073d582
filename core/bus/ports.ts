import type { Clock } from './clock.js';
import type { EventRecord } from './event/event.js';

export type { Clock } from './clock.js';
export type { EventRecord } from './event/event.js';

/** A record and where its store put it. */
export interface StoredRecord {
  /** Grows with every append, over all writers of the store; gaps are allowed. */
  readonly offset: number;
  readonly record: EventRecord;
}

/** Where an appended record went. */
export interface StoredRef {
  /** Id of the store. */
  readonly store: string;
  readonly offset: number;
}

/** Which stored events to read; all conditions must hold. */
export interface HistoryQuery {
  /** Patterns of types; every type when absent. */
  readonly pattern?: string | readonly string[];
  readonly source?: string;
  readonly correlationId?: string;
  /** Lowest `timestamp`, inclusive, epoch ms. */
  readonly since?: number;
  /** Highest `timestamp`, inclusive, epoch ms. */
  readonly until?: number;
  /** Only records with a greater offset. */
  readonly after?: number;
  /** Only records with a smaller offset. */
  readonly before?: number;
  /** How many records to read at most. */
  readonly limit?: number;
  /** By offset: `asc` (default) reads from the oldest, `desc` from the newest. */
  readonly order?: 'asc' | 'desc';
  readonly signal?: AbortSignal;
}

/** What a store can do. */
export interface StoreCaps {
  /** Whether its records outlive the process or page. */
  readonly persistent: boolean;
  /** Whether other nodes can open the same store. */
  readonly shared: boolean;
}

/** How surely an append is on disk when it resolves: `strict` asks the platform to flush, `relaxed` does not. */
export type Durability = 'relaxed' | 'strict';

/** A dead letter as a store keeps it (F3). */
export interface DeadLetterRecord {
  /** UUIDv7: letters sort by it in order of failure. */
  readonly id: string;
  readonly event: EventRecord;
  /** Who failed; another page, or the next one, knows its own handler by name, patterns and the plugin or scope it is of. */
  readonly handler: { readonly name: string; readonly patterns: readonly string[]; readonly scope?: string };
  readonly error: { readonly name: string; readonly message: string };
  readonly attempts: number;
  /** Epoch ms. */
  readonly failedAt: number;
}

/** Dead letters that outlive the node they are from. */
export interface DeadLetterStore {
  /**
   * Keeps a letter, in place of one with its id, and of all there are the latest `limit`. Resolves when it is committed.
   * Rejects with a `SerializationError` when its event cannot be stored, else with a `StoreError`.
   */
  put(letter: DeadLetterRecord, limit: number): Promise<void>;
  /** All of them, in order of id. */
  list(): Promise<readonly DeadLetterRecord[]>;
  /** Takes a letter away: true for the one caller, of all nodes, that did. */
  take(id: string): Promise<boolean>;
}

/** A call of a durable subscription that failed and is to be made again. */
export interface StoredRetry {
  /** Of the event. */
  readonly offset: number;
  /** Calls that have failed so far. */
  readonly attempts: number;
  /** When the next one is due, epoch ms. */
  readonly dueAt: number;
}

/** Where a durable subscription stands in the log (S6). */
export interface Cursor {
  /** Every event up to this offset is settled; 0 before the first. */
  readonly offset: number;
  /** Counts the nodes that took it for themselves: the latest alone may move it (S7). */
  readonly epoch: number;
  /** Events behind the offset that have failed and will be tried again. */
  readonly retries: readonly StoredRetry[];
  /** Grows with every move, one to the same place included: a sign of life of whoever moves it. */
  readonly beat: number;
  /** The highest offset that the store has let go of, 0 before that: above `offset`, events are lost to the subscription. */
  readonly trimmed: number;
}

/** The cursors of durable subscriptions, by name, beside the log and committed like it. */
export interface CursorStore {
  get(name: string): Promise<Cursor | undefined>;
  /**
   * The cursor, made at `start` where there is none; `exclusive` begins a new epoch, so that nobody who had it before can
   * move it any more. In one transaction.
   */
  claim(name: string, start: number, exclusive: boolean): Promise<Cursor>;
  /**
   * Moves a cursor forward and keeps what is given of its retries; the offset never goes back. Does nothing and resolves
   * with undefined when the cursor is of another epoch, or gone. Resolves when it is committed.
   */
  move(
    name: string,
    to: { readonly offset: number; readonly epoch: number; readonly retries: readonly StoredRetry[] },
  ): Promise<Cursor | undefined>;
  list(): Promise<ReadonlyMap<string, Cursor>>;
  /** Forgets a cursor, and with it what it holds back from being trimmed; false when there is none. */
  remove(name: string): Promise<boolean>;
}

/** Lets one of the nodes that share a store do something at a time (S7). */
export interface Locks {
  /**
   * Waits until no other holds the lock of that name, in order of the calls, then holds it while `work` runs; with
   * `steal`, takes it from whoever holds it at once. `lost` aborts when another took it, or this node has to let go, as a
   * page that is frozen: the lock is then free at once, whatever `work` still does. Resolves when `work` is over, or the
   * lock is lost; rejects with the reason of `signal` when that aborts while it waits, and with what `work` rejects with.
   */
  hold(
    name: string,
    options: { readonly signal: AbortSignal; readonly steal?: boolean },
    work: (lost: AbortSignal) => Promise<void>,
  ): Promise<void>;
}

/** A durable, ordered log of event records. */
export interface EventStore {
  readonly name: string;
  /** The same for every node that reads and writes the same log, different for any other log. */
  readonly id: string;
  readonly caps: StoreCaps;
  /**
   * Appends all records or none and resolves when they are committed, with one reference for each, in the same order.
   * Offsets are given inside the write transaction (S1). Rejects with a `SerializationError` whose `index` names the
   * record that cannot be stored, else with a `StoreError`.
   */
  append(
    records: readonly EventRecord[],
    options?: { readonly durability?: Durability },
  ): Promise<readonly StoredRef[]>;
  /**
   * Reads lazily, in pages; records appended while it reads may or may not be seen. Once a record can be read none with a
   * lower offset comes any more: whoever has read up to an offset goes on behind it and misses nothing.
   */
  read(query?: HistoryQuery): AsyncIterable<StoredRecord>;
  /** Where dead letters are kept; without it they stay in the memory of their node. */
  readonly deadLetters?: DeadLetterStore;
  /** Where durable subscriptions stand; without it there are none. */
  readonly cursors?: CursorStore;
  /** How nodes that share the store take turns; without it each believes itself alone, and epochs alone tell them apart. */
  readonly locks?: Locks;
  /** Removes the records that match, whoever has still to read them, and resolves with how many they were. */
  purge?(query: HistoryQuery): Promise<number>;
  /** Commits what is pending and lets go of the log; later calls reject with a `StoreError`. */
  close(): Promise<void>;
}

/** What a transport promises; the bus claims nothing beyond it (T6). */
export interface TransportCaps {
  /** Whether records of one sender arrive in the order they were sent. */
  readonly order: boolean;
  /** Whether a send is confirmed by the other side. */
  readonly ack: boolean;
  /** Whether records sent before a node joined can be had from the transport. */
  readonly replay: boolean;
  /** How values cross: what structured clone or JSON would throw on cannot be sent. */
  readonly carries: 'structured-clone' | 'json';
  /** Largest record, in bytes (approximate for structured clone); larger ones are refused on the way out and in. */
  readonly maxBytes: number;
}

/** `open`: records can flow; `closing`: last chance to send; `closed`: nothing flows until the next `open`. */
export type TransportState = 'open' | 'closing' | 'closed';

/** What a transport may ask of its bus. */
export interface TransportHost {
  /** The bus's `name`: what a transport calls its channel when it was given no other name. */
  readonly name: string;
  /** Id of this node. */
  readonly nodeId: string;
  readonly clock: Clock;
  /** Hands over what arrived, unchecked: the bus validates it (T5) and never throws. */
  receive(records: unknown): void;
  /** Says that the transport's state changed; on `closing`, the bus's farewell is published before this returns. */
  state(state: TransportState): void;
  /** Reports a failure that belongs to no call, like a message that could not be decoded. */
  fault(error: unknown): void;
}

/** Moves records between nodes and knows nothing of handlers (T1). */
export interface Transport {
  readonly name: string;
  readonly caps: TransportCaps;
  /** Called once, inside a call on the bus, never at import. */
  open(host: TransportHost): void | Promise<void>;
  /**
   * Sends all records or none, in order. Throws or rejects with a `SerializationError` whose `index` names the record
   * that cannot be carried, else with a `TransportError`.
   */
  publish(records: readonly EventRecord[]): void | Promise<void>;
  close(): void | Promise<void>;
}

/** Changes records where they leave the node, for stores and transports, and back where they come in (G6). */
export interface Codec {
  /** How errors name it. */
  readonly name: string;
  /** Whether events of a type, and the answers to them, go through it; an answer is a record of the type `$reply`. */
  covers(type: string): boolean;
  /**
   * The record as it leaves. Only its `data` and `metadata` may differ; `store` and `offset` are not known yet. Throws or
   * rejects with a `SerializationError` for what it cannot carry, else with a `CodecError`: the record does not leave then.
   */
  encode(record: EventRecord): EventRecord | Promise<EventRecord>;
  /**
   * The record as it was before {@link Codec.encode}; as it is where this codec lacks what that takes. Throws or rejects
   * with a `CodecError` when it was forged or changed, or should have been encoded and was not: it is dropped then.
   */
  decode(record: EventRecord): EventRecord | Promise<EventRecord>;
}
