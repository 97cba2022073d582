import { InvalidOptionError } from '../errors.js';
import { type EventDetails, EventEnvelope } from '../event/event.js';
import { assertDuration } from './queue-limits.js';

/** The event that another one follows from: any event, or what was kept of it. */
export interface EventCause {
  readonly id: string;
  readonly correlationId: string;
}

/** What can be said of an event when it is emitted. */
export interface EmitOptions {
  /** Joins a chain begun elsewhere; by default the cause's, else the event's own id. */
  readonly correlationId?: string | undefined;
  /** The event this one follows from (E3). */
  readonly cause?: EventCause | undefined;
  /** Copied, not kept by reference. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Higher goes first among events that wait; 0 by default (D5). */
  readonly priority?: number | undefined;
  /** True keeps the event on this node: it is stored if the bus stores it, and never sent (T2). */
  readonly local?: boolean | undefined;
  /** How long the event may wait before it is dispatched, in milliseconds from its timestamp; older, it is `expired` (Q3). */
  readonly ttlMs?: number | undefined;
}

/** Says that somebody waits for an answer: no option that is given to `emit` can. */
export const ASKED: unique symbol = Symbol('asked');

/** {@link EmitOptions} of the bus's own calls. */
export interface AskOptions extends EmitOptions {
  readonly request?: typeof ASKED | undefined;
}

/** How an event of the past is handled again (S8). */
export interface ReplayMark {
  /**
   * Names of the handlers, or plugins, that get it, those that read from the store included, as far as its type matches; by default
   * all get it that do not read from the store.
   */
  readonly to?: readonly string[] | undefined;
  /** True stores it once more, if the bus stores its type. */
  readonly store?: boolean | undefined;
  /** True sends it to other nodes, if the bus shares its type. */
  readonly send?: boolean | undefined;
}

/** An event given whole, as when it is imported from somewhere else. */
export interface EventInit<T extends string = string, D = unknown> extends Omit<EmitOptions, 'cause'> {
  readonly type: T;
  readonly data: D;
  readonly id?: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp?: number | undefined;
  readonly source?: string | undefined;
  readonly causationId?: string | undefined;
  /**
   * Says that it is one of the past: it gets the metadata `replayed: true`, meets neither schemas nor middleware, never
   * expires, and stays on this node and out of its store unless this asks for more.
   */
  readonly replay?: ReplayMark | undefined;
}

/** @throws InvalidOptionError for a priority that cannot be put in order. */
export function assertPriority(priority: unknown): void {
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new InvalidOptionError('priority', priority, 'a finite number');
  }
}

/** @throws InvalidOptionError for a name that could not be printed. */
export function assertName(name: unknown): void {
  if (name !== undefined && typeof name !== 'string') throw new InvalidOptionError('name', name, 'a text');
}

/** @throws InvalidOptionError for a field of a whole event that no other node would take. */
export function assertEnvelope(init: EventInit): void {
  const { timestamp } = init;
  if (timestamp !== undefined && !Number.isFinite(timestamp)) {
    throw new InvalidOptionError('timestamp', timestamp, 'milliseconds since the Unix epoch');
  }
  for (const field of ['id', 'source', 'correlationId', 'causationId'] as const) {
    assertText(field, init[field]);
  }
  const to: unknown = init.replay?.to;
  if (to !== undefined && !(Array.isArray(to) && to.every((name) => typeof name === 'string'))) {
    throw new InvalidOptionError('replay.to', to, 'a list of names of handlers');
  }
}

/** @throws InvalidOptionError for what no other node would take as an id. */
function assertText(option: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'string' || value === '' || value.length > 256)) {
    throw new InvalidOptionError(option, value, 'a text of 1 to 256 characters');
  }
}

/**
 * What the options and the cause of an emit make of the event's envelope.
 *
 * @throws InvalidOptionError
 */
export function eventDetails(
  options: AskOptions | undefined,
  implied: EventCause | undefined,
): EventDetails | undefined {
  const cause = options?.cause ?? implied;
  if (options === undefined && cause === undefined) return undefined;
  assertPriority(options?.priority);
  assertDuration('ttlMs', options?.ttlMs);
  assertText('correlationId', options?.correlationId);
  assertText('cause.id', options?.cause?.id);
  assertText('cause.correlationId', options?.cause?.correlationId);
  return {
    correlationId: options?.correlationId ?? cause?.correlationId,
    causationId: cause?.id,
    metadata: options?.metadata === undefined ? undefined : Object.freeze({ ...options.metadata }),
    priority: options?.priority,
    // Infinity is no limit, and no other node takes it for one.
    ttlMs: options?.ttlMs === Number.POSITIVE_INFINITY ? undefined : options?.ttlMs,
    request: options?.request === ASKED || undefined,
    ofError: EventEnvelope.isOfError(cause) || undefined,
  };
}
