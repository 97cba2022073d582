import type { EventLog } from './event-log.js';
import { SlotLists } from './slot-lists.js';

/** Events taken in between two questions whether to go on. */
const STRIDE = 256;

/**
 * Finds events by id, by correlation id and by cause. It reads ids only when it is brought up to date, so that
 * recording does not make ids nobody asks for.
 */
export class ChainIndex {
  readonly #log: EventLog;
  readonly #slots = new Map<string, number>();
  readonly #chains: SlotLists;
  readonly #effects: SlotLists;
  readonly #ids: (string | undefined)[];
  readonly #correlationIds: (string | undefined)[];
  readonly #causationIds: (string | undefined)[];
  /** The events that are indexed: from, up to but not including to. */
  #from = 0;
  #to = 0;

  constructor(log: EventLog) {
    this.#log = log;
    this.#chains = new SlotLists(log.capacity);
    this.#effects = new SlotLists(log.capacity);
    this.#ids = new Array(log.capacity).fill(undefined);
    this.#correlationIds = new Array(log.capacity).fill(undefined);
    this.#causationIds = new Array(log.capacity).fill(undefined);
    this.#from = log.head;
    this.#to = log.head;
  }

  /** Takes in what was logged since the last call, as long as it may; false when there is more to do. */
  update(mayGoOn: () => boolean = () => true): boolean {
    const { head, tail } = this.#log;
    // Events went by unseen, came before the others, or were cleared: begin again.
    if (tail > this.#to || tail < this.#from) {
      this.clear();
      this.#from = tail;
      this.#to = tail;
    }
    while (this.#to < head && mayGoOn()) {
      const stop = Math.min(head, this.#to + STRIDE);
      for (; this.#to < stop; this.#to++) this.#take(this.#to & this.#log.mask);
    }
    this.#from = tail;
    return this.#to === head;
  }

  /** The sequence number of the event with this id. */
  find(id: string): number | undefined {
    return this.#sequence(this.#slots.get(id));
  }

  /** Sequence numbers of the events with this correlation id, in order of arrival. */
  chain(correlationId: string, limit?: number): number[] {
    return this.#sequences(this.#chains.slots(correlationId, limit));
  }

  chainLength(correlationId: string): number {
    return this.#chains.count(correlationId);
  }

  /** Sequence numbers of the events that this one caused. */
  effects(id: string, limit?: number): number[] {
    return this.#sequences(this.#effects.slots(id, limit));
  }

  clear(): void {
    this.#slots.clear();
    this.#chains.clear();
    this.#effects.clear();
    this.#ids.fill(undefined);
    this.#correlationIds.fill(undefined);
    this.#causationIds.fill(undefined);
    this.#from = this.#log.head;
    this.#to = this.#log.head;
  }

  #take(slot: number): void {
    this.#forget(slot);
    const event = this.#log.events[slot];
    if (event === undefined) return;
    const { id, correlationId, causationId } = event;
    this.#slots.set(id, slot);
    this.#ids[slot] = id;
    this.#correlationIds[slot] = correlationId;
    this.#chains.push(correlationId, slot);
    this.#causationIds[slot] = causationId;
    if (causationId !== undefined) this.#effects.push(causationId, slot);
  }

  /** Takes out the event that was in the slot before; it is the oldest of its lists, as slots are reused in order. */
  #forget(slot: number): void {
    const id = this.#ids[slot];
    if (id === undefined) return;
    this.#ids[slot] = undefined;
    // The same id may have come twice, from the store and then live.
    if (this.#slots.get(id) === slot) this.#slots.delete(id);
    this.#chains.shift(this.#correlationIds[slot] as string);
    const cause = this.#causationIds[slot];
    if (cause !== undefined) this.#effects.shift(cause);
  }

  #sequences(slots: readonly number[]): number[] {
    return slots.map((slot) => this.#sequence(slot)).filter((sequence) => sequence !== undefined);
  }

  /** The sequence number now in a slot, unless the event has been evicted since the last update. */
  #sequence(slot: number | undefined): number | undefined {
    if (slot === undefined) return undefined;
    const { capacity, mask, tail, head } = this.#log;
    const last = this.#to - 1;
    const sequence = last - ((last - slot) & mask);
    const isKept = sequence >= tail && sequence < head && sequence + capacity > last;
    return isKept ? sequence : undefined;
  }
}
