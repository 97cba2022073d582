import type { InspectedEvent } from '../../core/index.js';
import { PENDING } from './status.js';

/** No handler cancelled the event. */
export const NOBODY = 0xffff;

/** What is known of an event when it enters the log. */
export interface EventEntry {
  /** When it was emitted or arrived here, epoch ms. */
  readonly at: number;
  readonly event: InspectedEvent | undefined;
  readonly type: number;
  readonly source: number;
  readonly node: number;
  readonly transport: number;
}

/**
 * The last events as columns of a ring: an event is a sequence number, and its fields are in the slot
 * `sequence & mask` of every column until a later event takes the slot.
 */
export class EventLog {
  readonly capacity: number;
  readonly mask: number;
  readonly at: Float64Array;
  readonly type: Uint16Array;
  readonly source: Uint16Array;
  /** 0 is this node. */
  readonly node: Uint16Array;
  /** 0 is none: the event was emitted here. */
  readonly transport: Uint16Array;
  readonly status: Uint8Array;
  /** Handlers called on this node. */
  readonly handlers: Uint16Array;
  readonly failures: Uint16Array;
  /** From the emit until the last handler settled, in ms; NaN until then. */
  readonly duration: Float32Array;
  /** The handler that cancelled it, or {@link NOBODY}. */
  readonly canceller: Uint16Array;
  /** The reason it was dropped for, as a number; 0 is none. */
  readonly reason: Uint8Array;
  /** Who vetoed it, as a number; 0 is nobody. */
  readonly vetoer: Uint16Array;
  /** Calls of its handlers on this node that were made again. */
  readonly retries: Uint16Array;
  /** Dead letters that it has left and that are still there, as far as the panel knows. */
  readonly letters: Uint16Array;
  /** Where the store put it; NaN when it is not stored. */
  readonly offset: Float64Array;
  /** How many transports it was sent over. */
  readonly sent: Uint8Array;
  /** Its last handler run, which leads to the ones before it; -1 when there is none. */
  readonly lastRun: Float64Array;
  /** The events themselves: their data is looked at when someone asks, never copied. */
  readonly events: (InspectedEvent | undefined)[];
  readonly #sequences = new Map<InspectedEvent, number>();
  readonly #copies = new Map<InspectedEvent, number>();
  #first: number;
  #head: number;

  /**
   * @param capacity events kept, rounded up to a power of two
   * @param reserve sequence numbers left free before the first event, for {@link EventLog.prepend}
   */
  constructor(capacity: number, reserve = 0) {
    this.capacity = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.mask = this.capacity - 1;
    this.#first = reserve;
    this.#head = reserve;
    this.at = new Float64Array(this.capacity);
    this.type = new Uint16Array(this.capacity);
    this.source = new Uint16Array(this.capacity);
    this.node = new Uint16Array(this.capacity);
    this.transport = new Uint16Array(this.capacity);
    this.status = new Uint8Array(this.capacity);
    this.handlers = new Uint16Array(this.capacity);
    this.failures = new Uint16Array(this.capacity);
    this.duration = new Float32Array(this.capacity);
    this.canceller = new Uint16Array(this.capacity);
    this.reason = new Uint8Array(this.capacity);
    this.vetoer = new Uint16Array(this.capacity);
    this.retries = new Uint16Array(this.capacity);
    this.letters = new Uint16Array(this.capacity);
    this.offset = new Float64Array(this.capacity);
    this.sent = new Uint8Array(this.capacity);
    this.lastRun = new Float64Array(this.capacity);
    this.events = new Array(this.capacity).fill(undefined);
  }

  /** The sequence number of the next event. */
  get head(): number {
    return this.#head;
  }

  /** The sequence number of the oldest event that is kept. */
  get tail(): number {
    return Math.max(this.#first, this.#head - this.capacity);
  }

  /** Events that had to make room for later ones. */
  get evicted(): number {
    return this.tail - this.#first;
  }

  append(entry: EventEntry): number {
    const sequence = this.#head++;
    this.#write(sequence, entry);
    return sequence;
  }

  /** Puts an event before all others; undefined when there is no number or no room left for it. */
  prepend(entry: EventEntry): number | undefined {
    if (this.#first === 0 || this.#head - this.#first >= this.capacity) return undefined;
    this.#write(--this.#first, entry);
    return this.#first;
  }

  /** The slot of an event that an inspection speaks of; -1 when it is not, or no longer, kept. */
  slotOf(event: InspectedEvent): number {
    const sequence = this.sequenceOf(event);
    return sequence === undefined ? -1 : sequence & this.mask;
  }

  sequenceOf(event: InspectedEvent): number | undefined {
    return this.#sequences.get(event) ?? (this.#copies.size === 0 ? undefined : this.#copyOf(event));
  }

  /** Takes what is told of `copy` as told of an event, until {@link EventLog.forget}. */
  standIn(copy: InspectedEvent, sequence: number): void {
    this.#copies.set(copy, sequence);
  }

  isStandIn(event: InspectedEvent): boolean {
    return this.#copies.size > 0 && this.#copies.has(event);
  }

  forget(copy: InspectedEvent): void {
    this.#copies.delete(copy);
  }

  has(sequence: number): boolean {
    return sequence >= this.tail && sequence < this.#head;
  }

  clear(): void {
    this.#first = this.#head;
    this.#sequences.clear();
    this.#copies.clear();
    this.events.fill(undefined);
  }

  #copyOf(event: InspectedEvent): number | undefined {
    const sequence = this.#copies.get(event);
    return sequence !== undefined && this.has(sequence) ? sequence : undefined;
  }

  #write(sequence: number, entry: EventEntry): void {
    const slot = sequence & this.mask;
    const evicted = this.events[slot];
    if (evicted !== undefined) this.#sequences.delete(evicted);
    this.events[slot] = entry.event;
    if (entry.event !== undefined) this.#sequences.set(entry.event, sequence);
    this.at[slot] = entry.at;
    this.type[slot] = entry.type;
    this.source[slot] = entry.source;
    this.node[slot] = entry.node;
    this.transport[slot] = entry.transport;
    this.status[slot] = PENDING;
    this.handlers[slot] = 0;
    this.failures[slot] = 0;
    this.duration[slot] = Number.NaN;
    this.canceller[slot] = NOBODY;
    this.reason[slot] = 0;
    this.vetoer[slot] = 0;
    this.retries[slot] = 0;
    this.letters[slot] = 0;
    this.offset[slot] = Number.NaN;
    this.sent[slot] = 0;
    this.lastRun[slot] = -1;
  }
}
