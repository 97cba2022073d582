import type { InspectedEvent } from '../inspection.js';
import { EventView } from './event-view.js';
import { uuidv7 } from './id.js';

/** One event as its handlers see it: an envelope that cannot be changed, around data that is handed on as it is. */
export interface BusEvent<T extends string = string, D = unknown> {
  /** UUIDv7 (RFC 9562), or what the bus's `createId` returns; made when first read, sorts in order of emission. */
  readonly id: string;
  readonly type: T;
  /** Milliseconds since the Unix epoch; never goes back within a node. */
  readonly timestamp: number;
  /** Who emitted it: the `source` of the bus or scope. */
  readonly source: string;
  /** The id of the event that began the chain; its own `id` for an event without a cause. */
  readonly correlationId: string;
  /** The id of the event whose handling emitted this one. */
  readonly causationId: string | undefined;
  readonly data: D;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Place in the queue among events that wait: higher first, 0 by default. */
  readonly priority: number;
  readonly cancelled: boolean;
  /** What was given to {@link BusEvent.cancel}. */
  readonly cancelReason: string | undefined;
  /** Stops handlers of lower priority, and those of the same priority that have not started. */
  cancel(reason?: string): void;
  /** Every field as plain data, for `JSON.stringify`. */
  toJSON(): EventRecord;
  /** Every field as plain data, for stores and transports. */
  toRecord(): EventRecord;
}

/** The plain form of an event that stores keep and transports carry. */
export interface EventRecord {
  /** Version of this form. */
  readonly v: 1;
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly source: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly priority: number;
  /** Id of the node that emitted it; set when the record leaves that node. */
  readonly node?: string;
  /** Counts, without gaps, the records that node has sent to other nodes. */
  readonly seq?: number;
  /** How long after `timestamp` it may still be dispatched, in milliseconds; without it, for ever. */
  readonly ttlMs?: number;
  /** Present where somebody waits for an answer. */
  readonly request?: boolean;
  /** Present where a report of a failure is among the events that led to it (F4). */
  readonly ofError?: boolean;
  /** Id of the store that holds the record, and its offset there. */
  readonly store?: string;
  readonly offset?: number;
}

/** Who emits: shared by every event of one bus or scope, so that an event holds one reference instead of three. */
export interface Origin {
  readonly source: string;
  readonly createId: (timestamp: number, sequence: number) => string;
}

/** What differs from the defaults in one event. */
export interface EventDetails {
  readonly id?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly priority?: number | undefined;
  /** The node it came from, when that is another one. */
  readonly node?: string | undefined;
  /** How long after its timestamp it may still be dispatched (Q3). */
  readonly ttlMs?: number | undefined;
  /** Whether somebody waits for an answer to it. */
  readonly request?: boolean | undefined;
  /** Whether a report of a failure caused it (F4). */
  readonly ofError?: boolean | undefined;
}

/** What a middleware may change of an event on its way; its type, id and causes stay. */
export interface EventChanges {
  readonly data?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly priority?: number | undefined;
}

/** A time, shared by all events of one millisecond: as a number it would be boxed anew for each of them. */
export class Instant {
  /** Epoch ms. */
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

const noDetails: EventDetails = Object.freeze({});
const noMetadata: Readonly<Record<string, unknown>> = Object.freeze({});

/** What few events need: one reference in each event for all of it. */
interface Rare {
  cancelled: boolean;
  cancelReason: string | undefined;
  view: InspectedEvent | undefined;
}

/** The one implementation of {@link BusEvent}; accessors sit on the prototype, where they are free. */
export class EventEnvelope implements BusEvent {
  readonly #origin: Origin;
  readonly #type: string;
  #data: unknown;
  readonly #instant: Instant;
  readonly #details: EventDetails;
  /** The sequence until somebody reads the id, which is made of it then. */
  #id: string | number;
  #rare: Rare | undefined;

  constructor(
    origin: Origin,
    type: string,
    data: unknown,
    instant: Instant,
    sequence: number,
    details: EventDetails = noDetails,
  ) {
    this.#origin = origin;
    this.#type = type;
    this.#data = data;
    this.#instant = instant;
    this.#details = details;
    this.#id = sequence;
    this.#rare = undefined;
  }

  get id(): string {
    if (typeof this.#id === 'number') {
      this.#id = this.#details.id ?? this.#origin.createId(this.#instant.ms, this.#id);
    }
    return this.#id;
  }
  get type(): string {
    return this.#type;
  }
  get timestamp(): number {
    return this.#instant.ms;
  }
  get source(): string {
    return this.#origin.source;
  }
  get correlationId(): string {
    return this.#details.correlationId ?? this.id;
  }
  get causationId(): string | undefined {
    return this.#details.causationId;
  }
  get data(): unknown {
    return this.#data;
  }
  get metadata(): Readonly<Record<string, unknown>> {
    return this.#details.metadata ?? noMetadata;
  }
  get priority(): number {
    return this.#details.priority ?? 0;
  }
  get cancelled(): boolean {
    return this.#rare?.cancelled === true;
  }
  get cancelReason(): string | undefined {
    return this.#rare?.cancelReason;
  }

  /** This event as observers see it; not part of {@link BusEvent}, whose holders have the event itself. */
  get view(): InspectedEvent {
    const rare = this.#rarely();
    rare.view ??= new EventView(this);
    return rare.view;
  }

  /** The node an event came from; not part of {@link BusEvent}, where it is the delivery's to say. */
  static nodeOf(event: EventEnvelope): string | undefined {
    return event.#details.node;
  }

  /** What differs from the defaults in an event. */
  static detailsOf(event: EventEnvelope): EventDetails {
    return event.#details;
  }

  /** Whether it reports a failure, or what does caused it (F4). */
  static isOfError(event: unknown): boolean {
    return event instanceof EventEnvelope && (event.#type === 'error.occurred' || event.#details.ofError === true);
  }

  /** Gives an event that has arrived what its schema made of its data, before a handler sees it. */
  static accept(event: EventEnvelope, data: unknown): void {
    event.#data = data;
  }

  cancel(reason?: string): void {
    if (this.cancelled) return;
    const rare = this.#rarely();
    rare.cancelled = true;
    rare.cancelReason = reason;
  }

  /** The same event with something changed, for those who have not seen it yet. */
  with(changes: EventChanges): EventEnvelope {
    // Data may be changed to undefined.
    const data = 'data' in changes ? changes.data : this.#data;
    const { metadata = this.metadata, priority = this.priority } = changes;
    const details = { ...this.#details, metadata: Object.freeze({ ...metadata }), priority };
    // One id for both, made when either is asked for it.
    const origin: Origin = { source: this.source, createId: () => this.id };
    const copy = new EventEnvelope(origin, this.#type, data, this.#instant, 0, details);
    if (this.cancelled) copy.cancel(this.cancelReason);
    return copy;
  }

  /** The same event for a handler that tries again: not cancelled, and nobody waits for an answer to it any more. */
  static again(event: EventEnvelope): EventEnvelope {
    const details = { ...event.#details, id: event.id, request: undefined };
    return new EventEnvelope(event.#origin, event.#type, event.#data, event.#instant, 0, details);
  }

  toRecord(): EventRecord {
    const record: { -readonly [K in keyof EventRecord]: EventRecord[K] } = {
      v: 1,
      id: this.id,
      type: this.#type,
      timestamp: this.timestamp,
      source: this.source,
      correlationId: this.correlationId,
      data: this.#data,
      metadata: this.metadata,
      priority: this.priority,
    };
    const { causationId, ttlMs, request, ofError } = this.#details;
    if (causationId !== undefined) record.causationId = causationId;
    if (ttlMs !== undefined) record.ttlMs = ttlMs;
    if (request === true) record.request = true;
    if (ofError === true) record.ofError = true;
    return record;
  }

  toJSON(): EventRecord {
    return this.toRecord();
  }

  #rarely(): Rare {
    this.#rare ??= { cancelled: false, cancelReason: undefined, view: undefined };
    return this.#rare;
  }

  // What console.log shows in Node, which sees no accessors; a computed member name could not be declared in isolation.
  static {
    Object.defineProperty(EventEnvelope.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: EventEnvelope): unknown {
        const { v: _, ...fields } = this.toRecord();
        return this.cancelled ? { ...fields, cancelled: true } : fields;
      },
    });
  }
}

/** The origin of a bus that names its own ids, or none. */
export function createOrigin(source: string, createId?: () => string): Origin {
  return { source, createId: createId ?? uuidv7 };
}

/** The event a record stands for, whatever becomes of the record. */
export function eventFromRecord(record: EventRecord): EventEnvelope {
  const { id, type, timestamp, source, correlationId, causationId, data, priority, node, ttlMs, request, ofError } =
    record;
  const metadata = Object.isFrozen(record.metadata) ? record.metadata : Object.freeze({ ...record.metadata });
  const details = { id, correlationId, causationId, metadata, priority, node, ttlMs, request, ofError };
  return new EventEnvelope(createOrigin(source), type, data, new Instant(timestamp), 0, details);
}

/**
 * Freezes `value` and every object its properties lead to, except buffers and their views, which cannot be frozen;
 * entries of a Map or Set are not properties.
 */
export function deepFreeze(value: unknown): void {
  const open = [value];
  // What is frozen already may still lead to what is not.
  const seen = new Set<object>();
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue;
    seen.add(next);
    Object.freeze(next);
    for (const key of Reflect.ownKeys(next)) {
      const property = Object.getOwnPropertyDescriptor(next, key);
      if (property !== undefined && 'value' in property) open.push(property.value);
    }
  }
}
