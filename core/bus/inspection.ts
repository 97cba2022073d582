import type { PermissionError } from './errors.js';
import type { BusEvent, EventEnvelope } from './event/event.js';
import type { PluginInfo, ScopeAction } from './plugins/plugin.js';
import type { StoredRef } from './ports.js';
import type { Timings } from './timing.js';

/** An event as an observer sees it: every field, and no way to act on it (I3). */
export type InspectedEvent = Omit<BusEvent, 'cancel'>;

/** A subscription as an observer sees it; the same object for the whole life of the subscription. */
export interface HandlerInfo {
  /** Counts subscriptions of the bus. */
  readonly id: number;
  /** The `name` option, else the function's own name, else the patterns. */
  readonly name: string;
  readonly patterns: readonly string[];
  readonly priority: number;
  /** `source` of the scope it was subscribed through, as a plugin's; undefined for the bus's own. */
  readonly scope: string | undefined;
}

/** Another node, as its presence says (T7). */
export interface NodeInfo {
  readonly id: string;
  /** The `source` of that bus. */
  readonly source: string;
  /** The transport it was met on. */
  readonly transport: string;
  /** When it was first heard of here, epoch ms. */
  readonly since: number;
}

/** Why a record or event went no further. */
export type DropReason =
  | 'malformed'
  | 'unsupported-version'
  | 'too-large'
  | 'duplicate'
  | 'too-many'
  | 'not-serializable'
  | 'store-failed'
  | 'queue-full'
  | 'transport-failed'
  /** The schema of its type refuses it. */
  | 'invalid'
  /** A codec refuses it, as forged, changed, or not encoded where it should be. */
  | 'undecodable'
  /** Its source may not emit it. */
  | 'forbidden';

/** One thing that happened in the bus. `at` is `clock.precise()`: epoch ms with a fraction. */
export type Inspection = { readonly at: number } & (
  | { readonly kind: 'emitted'; readonly event: InspectedEvent; readonly node: string | undefined }
  | {
      readonly kind: 'handlerStarted';
      readonly event: InspectedEvent;
      readonly handler: HandlerInfo;
      /** Counts the calls of this handler for this event from 1. */
      readonly attempt: number;
    }
  | {
      readonly kind: 'handlerSettled';
      readonly event: InspectedEvent;
      readonly handler: HandlerInfo;
      readonly outcome: 'ok' | 'failed';
      readonly error: unknown;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'filterFailed';
      readonly event: InspectedEvent;
      readonly handler: HandlerInfo;
      readonly error: unknown;
    }
  | {
      readonly kind: 'retried';
      readonly event: InspectedEvent;
      readonly handler: HandlerInfo;
      /** The number of the call that failed. */
      readonly attempt: number;
      /** How long until the next one. */
      readonly delayMs: number;
      readonly error: unknown;
    }
  | {
      readonly kind: 'deadLettered';
      readonly event: InspectedEvent;
      readonly handler: HandlerInfo;
      /** Id of the dead letter. */
      readonly letter: string;
      readonly attempts: number;
      readonly error: unknown;
    }
  | { readonly kind: 'vetoed'; readonly event: InspectedEvent; readonly by: string }
  | { readonly kind: 'cancelled'; readonly event: InspectedEvent; readonly handler: HandlerInfo | undefined }
  | {
      readonly kind: 'settled';
      readonly event: InspectedEvent;
      readonly status: 'delivered' | 'cancelled' | 'vetoed' | 'expired' | 'dropped';
      /** Handlers that were called. */
      readonly delivered: number;
      readonly failures: number;
    }
  | { readonly kind: 'stored'; readonly event: InspectedEvent; readonly ref: StoredRef }
  | { readonly kind: 'sent'; readonly event: InspectedEvent; readonly transport: string }
  | { readonly kind: 'received'; readonly event: InspectedEvent; readonly transport: string; readonly node: string }
  | {
      readonly kind: 'dropped';
      readonly reason: DropReason;
      readonly event: InspectedEvent | undefined;
      readonly transport: string | undefined;
      /** The handler that does not get it, when others may. */
      readonly handler?: HandlerInfo | undefined;
      readonly error: unknown;
    }
  | {
      readonly kind: 'gap';
      readonly node: string;
      /** First and last missing sequence. */
      readonly from: number;
      readonly to: number;
      /** How many of them were found in the store. */
      readonly filled: number;
    }
  | { readonly kind: 'subscribed' | 'unsubscribed'; readonly handler: HandlerInfo }
  | {
      /** An event was read from the store for one subscription. */
      readonly kind: 'readBack';
      /** Another object than when it was emitted, with the same id. */
      readonly event: InspectedEvent;
      readonly handler: HandlerInfo;
      readonly offset: number;
      /** Id of the node it was emitted on, when that is another one. */
      readonly node: string | undefined;
    }
  | {
      /** This node has begun, or ceased, to handle the events of a group. */
      readonly kind: 'onDuty' | 'offDuty';
      readonly handler: HandlerInfo;
      readonly group: string;
      /** Of the cursor: it grows with each node that takes over. */
      readonly epoch: number;
    }
  | {
      /** All events up to an offset are settled, and the store knows. */
      readonly kind: 'cursorMoved';
      readonly handler: HandlerInfo;
      readonly cursor: string;
      readonly offset: number;
    }
  | {
      /** The store let go of events that a durable subscription had not handled. */
      readonly kind: 'trimmed';
      readonly handler: HandlerInfo;
      readonly cursor: string;
      /** Where the cursor was, and the highest offset that is gone. */
      readonly after: number;
      readonly through: number;
    }
  | { readonly kind: 'nodeJoined' | 'nodeLeft'; readonly node: NodeInfo }
  | {
      /** A scope wanted to do something that it may not; counted in `stats().denied`. */
      readonly kind: 'denied';
      readonly source: string;
      readonly action: ScopeAction;
      /** The type, or the pattern of a subscription. */
      readonly pattern: string;
      readonly error: PermissionError;
    }
  | {
      readonly kind: 'pluginInstalling' | 'pluginInstalled' | 'pluginReplaced' | 'pluginUninstalled';
      readonly plugin: PluginInfo;
    }
  | {
      /** Its setup or its clean-up failed. */
      readonly kind: 'pluginFailed';
      readonly plugin: PluginInfo;
      readonly error: unknown;
    }
);

type WithoutTime<I> = I extends Inspection ? Omit<I, 'at'> : never;

/** Sees everything that happens in a bus and can change none of it. */
export type Observer = (inspection: Inspection) => void;

/** Keeps the rejection of an async callback, whose promise nobody awaits, from ending the process. */
export function containRejection(returned: unknown, onRejection: (error: unknown) => void): void {
  if (returned instanceof Promise) returned.catch(onRejection);
}

/** Fans what happens out to the observers; a bus without observers has none of these. */
export class Inspector {
  readonly #observers: readonly Observer[];
  readonly #precise: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #timings: Timings;

  constructor(
    observers: readonly Observer[],
    precise: () => number,
    onError: (error: unknown) => void,
    timings: Timings,
  ) {
    this.#timings = timings;
    this.#observers = observers;
    this.#precise = precise;
    this.#onError = onError;
  }

  tell(inspection: WithoutTime<Inspection>, at?: number): void {
    // Calls may be measured while nobody watches.
    if (this.#observers.length === 0) return;
    // Callers make the object for this call: a copy of it would cost more than all the rest.
    (inspection as { at?: number }).at = at ?? this.#precise();
    const whole = Object.freeze(inspection) as Inspection;
    for (const observer of this.#observers) {
      try {
        containRejection(observer(whole), this.#onError);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Says that a handler is called now, and returns when that was. */
  started(event: EventEnvelope, handler: HandlerInfo, attempt: number): number {
    const at = this.#precise();
    if (this.#observers.length > 0)
      this.tell({ kind: 'handlerStarted', event: this.view(event), handler, attempt }, at);
    return at;
  }

  /** Says how a call ended that {@link Inspector.started} saw begin; 0 when it began unobserved. */
  settled(
    event: EventEnvelope,
    handler: HandlerInfo,
    startedAt: number,
    outcome: 'ok' | 'failed',
    error?: unknown,
  ): void {
    const at = this.#precise();
    const durationMs = startedAt === 0 ? 0 : at - startedAt;
    if (startedAt !== 0) this.#timings.record(handler, durationMs, outcome === 'failed');
    if (this.#observers.length === 0) return;
    this.tell({ kind: 'handlerSettled', event: this.view(event), handler, outcome, error, durationMs }, at);
  }

  /** The same for every observer and bus, as long as the event lives: they may know it by its view. */
  view(event: EventEnvelope): InspectedEvent {
    return event.view;
  }
}
