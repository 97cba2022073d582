import type { BusEvent } from '../../index.js';

/** What a saga keeps of an event of others: what may have gone from the store when it is needed. */
export type KeptEvent<E = BusEvent> = E extends BusEvent
  ? Readonly<Pick<E, 'id' | 'type' | 'timestamp' | 'source' | 'correlationId' | 'data' | 'metadata'>>
  : never;

/**
 * Why an attempt failed: an event said so (`failed`); none came within `timeoutMs` (`timeout`); its command could not be
 * made or emitted, or was vetoed (`refused`); another step that runs beside it has failed for good while it waited
 * (`abandoned`).
 */
export type SagaFailureReason = 'failed' | 'timeout' | 'refused' | 'abandoned';

/** One attempt of a step, or of its compensation (`undo`); `attempt` counts from 1. */
interface Attempt {
  readonly id: string;
  readonly step: string;
  readonly undo: boolean;
  readonly attempt: number;
}

/** What a saga says of itself, by the end of the type; its state is what these make of one another, in order (W1). */
export interface SagaFacts {
  started: { readonly id: string; readonly event: KeptEvent };
  /** `command` is the id of the event that was sent; `after` the offset of the event that led to it. */
  'step.sent': Attempt & { readonly key: string; readonly command: string; readonly after: number };
  'step.completed': { readonly id: string; readonly step: string; readonly event: KeptEvent };
  /** `retryAt`, in epoch ms, where there will be another attempt. */
  'step.failed': Attempt & {
    readonly reason: SagaFailureReason;
    readonly event?: KeptEvent;
    readonly error?: { readonly name: string; readonly message: string };
    readonly retryAt?: number;
  };
  /** From here on it goes back, as `step` has failed for good. */
  compensating: { readonly id: string; readonly step: string };
  'step.compensated': { readonly id: string; readonly step: string };
  /** A compensation has failed for good; there is a dead letter of this event. */
  stuck: { readonly id: string; readonly step: string };
  /** That dead letter was retried. */
  retried: { readonly id: string; readonly step: string };
  /** A time is over: that for an answer, or the `wait` before another attempt. */
  due: Attempt & { readonly wait: boolean };
  completed: { readonly id: string };
  failed: { readonly id: string; readonly step: string };
}

export type FactName = keyof SagaFacts;

/** One of a saga's facts. */
export type Fact = { [N in FactName]: { readonly name: N; readonly data: SagaFacts[N] } }[FactName];

/**
 * The events of a saga of that name: extend the map of a bus with them to subscribe typed.
 *
 * @example
 * interface AppEvents extends SagaEvents<'checkout'> { 'order.placed': { total: number } }
 * bus.on('saga.checkout.stuck', (event) => alert(event.data.step));
 */
export type SagaEvents<S extends string> = { [N in FactName as `saga.${S}.${N}`]: SagaFacts[N] };

/** What is kept of an event. */
export function keep(event: BusEvent): KeptEvent {
  const { id, type, timestamp, source, correlationId, data, metadata } = event;
  return { id, type, timestamp, source, correlationId, data, metadata };
}
