/// <reference lib="esnext.disposable" preserve="true" />
import type { StoredEvent } from './border/history.js';
import type { Clock } from './clock.js';
import type { EmitOptions, EventInit } from './dispatch/admit.js';
import type { Delivery, Emission } from './dispatch/delivery.js';
import type { Failure } from './dispatch/failure.js';
import type { BusEvent } from './event/event.js';
import type { AnyEvents, DataArguments, EventMap, EventOf, EventType, Pattern } from './event/pattern-types.js';
import type { NodeInfo, Observer } from './inspection.js';
import type { Durability, EventStore, HistoryQuery, Transport } from './ports.js';
import type { OnOptions, Subscription } from './router/subscription.js';

/** How a bus is made; every option may be left out. */
export interface BusOptions {
  /** Names the application on its channels and in devtools; every node of one application has the same. `crosstown` by default. */
  readonly name?: string;
  /** `source` of the events it emits; `app` by default. */
  readonly source?: string;
  /** Where events are kept. */
  readonly store?: EventStore;
  /** Patterns of the events that are stored; all by default. */
  readonly persist?: string | readonly string[];
  /** `relaxed` (default) runs handlers at once and commits in groups; `strict` commits first (S2). */
  readonly durability?: Durability;
  /** Ways to other nodes; opened by the first call that needs them. */
  readonly transports?: readonly Transport[];
  /** Patterns of the events that are sent, or a predicate over types; all by default (T2). */
  readonly share?: string | readonly string[] | ((type: string) => boolean);
  /** Sends stored events without waiting for their commit: sooner, but a crash may lose what others have seen. */
  readonly eager?: boolean;
  /** Checks deeply, before an event leaves, that it will arrive as it is, and names what would change (T4). */
  readonly checkPayloads?: boolean;
  /** Freezes the data of every event deeply. */
  readonly freeze?: boolean;
  /** Gets every failure; without it they go to `console.error`. */
  readonly onError?: (failure: Failure) => void;
  readonly clock?: Clock;
  /** Makes ids; UUIDv7 by default. Called when an id is first read. */
  readonly createId?: () => string;
}

/** Counts since the bus was made. */
export interface BusStats {
  /** Events emitted here. */
  readonly emitted: number;
  /** Events that came from other nodes. */
  readonly received: number;
  /** Records from other nodes that were refused. */
  readonly dropped: number;
  /** Failures of handlers, filters, stores, transports and observers. */
  readonly failures: number;
  /** Events whose handlers are still running, or that wait for their commit. */
  readonly inFlight: number;
}

/** What a handler is: a function of the event and the delivery; a promise it returns is waited for. */
export type EventHandler<E, M = AnyEvents> = (event: E, delivery: Delivery<M>) => unknown;

/** A typed event bus: one node of an application that may have many. */
export interface EventBus<M extends EventMap<M> = AnyEvents> {
  readonly name: string;
  readonly source: string;
  /** Id of this node, made when first read. */
  readonly nodeId: string;
  /** Other nodes that have said hello and not yet bye. */
  readonly nodes: readonly NodeInfo[];

  /**
   * Emits an event; its first handler has started when this returns.
   *
   * @throws InvalidEventTypeError, BusClosedError
   * @example
   * const { delivered } = await bus.emit('user.created', { userId: '1' });
   */
  emit<K extends EventType<M>>(type: K, ...rest: DataArguments<M[K], EmitOptions>): Emission<BusEvent<K, M[K]>>;
  /** Emits an event that is given whole. */
  emit<K extends EventType<M>>(event: EventInit<K, M[K]>): Emission<BusEvent<K, M[K]>>;

  /**
   * Calls `handler` for every event whose type matches, until the returned function is called.
   *
   * @throws InvalidPatternError, InvalidOptionError, BusClosedError
   * @example
   * const off = bus.on('user.*', (event) => console.log(event.type), { priority: 100 });
   */
  on<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    handler: EventHandler<EventOf<M, P>, M>,
    options?: OnOptions<EventOf<M, P>>,
  ): Subscription;
  /** {@link EventBus.on} for one event. */
  once<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    handler: EventHandler<EventOf<M, P>, M>,
    options?: Omit<OnOptions<EventOf<M, P>>, 'once'>,
  ): Subscription;
  /** Removes every subscription of exactly this pattern, or those of one handler; without a pattern, all. */
  off(pattern?: string | readonly string[], handler?: (...args: never[]) => unknown): void;

  /** Stored events, read as they are asked for, in order of offset. @throws InvalidOptionError, InvalidPatternError */
  history<const P extends Pattern<M> = '**'>(
    query?: Omit<HistoryQuery, 'pattern'> & { readonly pattern?: P | readonly P[] },
  ): AsyncIterableIterator<StoredEvent<EventOf<M, P>>>;

  /** Shows `observer` everything that happens, until the returned function is called (I1). */
  inspect(observer: Observer): () => void;
  stats(): BusStats;
  /** Resolves when no handler is running and everything is stored and sent. @throws IdleTimeoutError */
  idle(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Stores and sends what is pending, says bye, and lets go of store and transports; nothing runs afterwards. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
