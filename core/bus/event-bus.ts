/// <reference lib="esnext.disposable" preserve="true" />
import type { DurableStats } from './border/consumers.js';
import type { StoredEvent } from './border/history.js';
import type { RequestOptions } from './calls/request.js';
import type { StreamOptions } from './calls/stream.js';
import type { WaitOptions } from './calls/wait.js';
import type { Clock } from './clock.js';
import type { EmitOptions, EventInit } from './dispatch/admit.js';
import type { DeadLetters } from './dispatch/dead-letter.js';
import type { BatchDelivery, Delivery, Emission } from './dispatch/delivery.js';
import type { Failure } from './dispatch/failure.js';
import type { Middleware, MiddlewareOptions } from './dispatch/middleware.js';
import type { QueueOptions } from './dispatch/queue-limits.js';
import type { SchemaRule, StandardSchema } from './dispatch/schema.js';
import type { BusEvent } from './event/event.js';
import type {
  AnyEvents,
  DataArguments,
  DataOf,
  EventMap,
  EventOf,
  EventType,
  Pattern,
  ReplyOf,
} from './event/pattern-types.js';
import type { NodeInfo, Observer } from './inspection.js';
import type { AnyPlugin, InstalledPlugin, InstallOptions, Permissions, UninstallOptions } from './plugins/plugin.js';
import type { Policy, Protection } from './plugins/policy.js';
import type { Codec, Durability, EventStore, HistoryQuery, Transport } from './ports.js';
import type { PatternUse } from './router/registry-report.js';
import type { BatchOnOptions, OnOptions, RetryOptions, Subscription } from './router/subscription.js';
import type { HandlerTiming } from './timing.js';

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
  /** What changes events of some types where they leave the node, and back where they arrive: encryption (G6). */
  readonly codecs?: readonly Codec[];
  /** Groups of sources, by name: who is trusted with what {@link BusOptions.grants} names (G4). */
  readonly trust?: Readonly<Record<string, readonly string[]>>;
  /** By group of {@link BusOptions.trust}, the grants its sources have, like `sensitive_data:read`. */
  readonly grants?: Readonly<Record<string, readonly string[]>>;
  /** By pattern, the grant it takes to have to do with such events, or one to hear and one to emit them. */
  readonly protect?: Readonly<Record<string, Protection>>;
  /** What plugins may do that name no permissions themselves; everything by default (G3). */
  readonly pluginDefaults?: Permissions;
  /** Limits on what waits and on what is in flight (Q1). */
  readonly queue?: QueueOptions;
  /** How failed calls are made again, for subscriptions that do not say; not at all by default (F1). */
  readonly retry?: RetryOptions;
  /** How many dead letters are kept in memory, the latest; 1,000 by default (F3). */
  readonly maxDeadLetters?: number;
  /**
   * By type or pattern, what data must be: any Standard Schema, such as one of zod, valibot or arktype, alone or in a rule.
   * A type's own comes before patterns, and the first pattern that matches before others (G5).
   *
   * @example
   * createEventBus({ schemas: { 'order.placed': { schema: order, version: 2 }, 'audit.**': entry } });
   */
  readonly schemas?: Readonly<Record<string, StandardSchema | SchemaRule>>;
  /** Measures every handler call for {@link BusStats.handlers}; on while the bus is inspected, otherwise off by default. */
  readonly timing?: boolean;
  /** Remembers where each subscription was made, for {@link EventBus.subscriptions}; for development. */
  readonly traceSubscriptions?: boolean;
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
  /** Failures of handlers, filters, middleware, stores, transports and observers. */
  readonly failures: number;
  /** Calls that were made again. */
  readonly retried: number;
  /** Calls that failed for good (F3). */
  readonly deadLettered: number;
  /** Events that were cancelled by a handler, vetoed by a middleware, too old, or had no room. */
  readonly cancelled: number;
  readonly vetoed: number;
  readonly expired: number;
  readonly discarded: number;
  /** Events whose handlers are still running, or that wait for their commit, a schema or a middleware. */
  readonly inFlight: number;
  /** Events that wait for their turn. */
  readonly queued: number;
  readonly subscriptions: number;
  /** What scopes wanted to do and may not. */
  readonly denied: number;
  /** Where the durable subscriptions of this node stand (S6). */
  readonly durable: readonly DurableStats[];
  /** Live subscriptions that were called while the bus was inspected, or since it was made with `timing: true`. */
  readonly handlers: readonly HandlerTiming[];
}

/** What a handler is: a function of the event and the delivery; a promise it returns is waited for. */
export type EventHandler<E, M = AnyEvents> = (event: E, delivery: Delivery<M>) => unknown;

/** What a handler of batches is: a function of the events, the first first, and of how they are delivered. */
export type BatchHandler<E, M = AnyEvents> = (events: readonly E[], delivery: BatchDelivery<M>) => unknown;

/** What makes a subscription read from the store, which one for one event, or for answers, cannot. */
type StoreOption = 'durable' | 'group' | 'leaseMs' | 'from' | 'catchUp';

/** What modules do with a bus: the part of it that a plugin's scope has too. */
export interface EventScope<M extends EventMap<M> = AnyEvents> {
  /** `source` of the events it emits. */
  readonly source: string;
  /** Its time, for what should follow it: middleware, flows, tests. */
  readonly clock: Clock;
  /** Id of this node, made when first read. */
  readonly nodeId: string;

  /**
   * Emits an event; its first handler has started when this returns.
   *
   * @throws InvalidEventTypeError, InvalidOptionError, SchemaError, QueueFullError, DepthLimitError, BusClosedError
   * @example
   * const { delivered } = await bus.emit('user.created', { userId: '1' });
   */
  emit<K extends EventType<M>>(type: K, ...rest: DataArguments<M[K], EmitOptions>): Emission<BusEvent<K, DataOf<M[K]>>>;
  /** Emits an event that is given whole. */
  emit<K extends EventType<M>>(event: EventInit<K, DataOf<M[K]>>): Emission<BusEvent<K, DataOf<M[K]>>>;

  /**
   * Calls `handler` with a list of the events that match, as soon as there are `size`, or when the first of them has waited
   * `maxWaitMs`: what costs as much for one event as for a hundred, like a request to a server, is done once (Q5).
   *
   * @throws InvalidPatternError, InvalidOptionError, BusClosedError
   * @example
   * bus.on('page.*', (events) => send(events.map((event) => event.data)), { batch: { size: 100, maxWaitMs: 1_000 } });
   */
  on<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    handler: BatchHandler<EventOf<M, P>, M>,
    options: BatchOnOptions<EventOf<M, P>>,
  ): Subscription;
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
    options?: Omit<OnOptions<EventOf<M, P>>, 'once' | StoreOption>,
  ): Subscription;
  /**
   * Removes every subscription of exactly this pattern, or those of one handler; without a pattern, all.
   *
   * @throws InvalidPatternError, InvalidOptionError, as for a handler that is undefined
   */
  off<const P extends Pattern<M>>(pattern?: P | readonly P[], handler?: (...args: never[]) => unknown): void;

  /**
   * Resolves with the next event that matches; without `timeoutMs`, however long that takes.
   *
   * @throws InvalidPatternError; rejects with WaitTimeoutError, the signal's reason, or BusClosedError
   * @example
   * const paid = await bus.waitFor('payment.completed', { filter: (e) => e.data.orderId === id, timeoutMs: 5_000 });
   */
  waitFor<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    options?: WaitOptions<EventOf<M, P>>,
  ): Promise<EventOf<M, P>>;
  /**
   * The events that match from now on, one after the other; ends with its loop, its signal or the bus.
   *
   * @throws InvalidPatternError, InvalidOptionError, BusClosedError
   * @example
   * for await (const event of bus.stream('price.*', { buffer: 100, overflow: 'dropOldest' })) render(event.data);
   */
  stream<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    options?: StreamOptions<EventOf<M, P>>,
  ): AsyncIterableIterator<EventOf<M, P>> & AsyncDisposable;
  /**
   * Emits an event that asks for an answer, and resolves with the first that comes (R1).
   *
   * @throws as `emit`; rejects with NoResponderError, RequestTimeoutError, ResponderError, the signal's reason, or
   * BusClosedError
   * @example
   * const user = await bus.request('user.get', { id: '1' }, { timeoutMs: 1_000 });
   */
  request<K extends EventType<M>>(type: K, ...rest: DataArguments<M[K], RequestOptions>): Promise<ReplyOf<M[K]>>;
  /**
   * Answers requests of a type with what `responder` returns or rejects with; otherwise a subscription like any other.
   *
   * @throws InvalidEventTypeError, InvalidOptionError, BusClosedError
   * @example
   * bus.respond('user.get', async (event) => users.find(event.data.id));
   */
  respond<K extends EventType<M>>(
    type: K,
    responder: (event: BusEvent<K, DataOf<M[K]>>, delivery: Delivery<M>) => ReplyOf<M[K]> | PromiseLike<ReplyOf<M[K]>>,
    options?: Omit<OnOptions<BusEvent<K, DataOf<M[K]>>>, StoreOption>,
  ): Subscription;

  /**
   * Puts a middleware between `emit` and everything behind it, until the returned function is called: an event goes on
   * when it calls `next`, with what it changes, and is vetoed when it is over without having done so. While all are
   * synchronous, handlers still start inside `emit`. What arrives from other nodes has passed the middleware there.
   *
   * @throws InvalidOptionError, BusClosedError
   * @example
   * bus.use((event, next) => next({ metadata: { ...event.metadata, tenant } }), { name: 'tenant' });
   */
  use(middleware: Middleware, options?: MiddlewareOptions): () => void;

  /** Stored events, read as they are asked for, in order of offset. @throws InvalidOptionError, InvalidPatternError */
  history<const P extends Pattern<M> = '**'>(
    query?: Omit<HistoryQuery, 'pattern'> & { readonly pattern?: P | readonly P[] },
  ): AsyncIterableIterator<StoredEvent<EventOf<M, P>>>;
}

/** A part of a bus with a name and rights of its own; made with {@link EventBus.scope}. */
export interface Scope<M extends EventMap<M> = AnyEvents> extends EventScope<M> {
  /** Aborts when the scope is closed, after its handlers are gone. */
  readonly signal: AbortSignal;
  /** Runs `cleanup` when the scope is closed, the last that was given first; waits for a promise it returns. */
  onDispose(cleanup: () => unknown): void;
  /** Takes away everything that was made through it, and waits for its running calls as an uninstall does (G1, G8). */
  close(options?: UninstallOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a scope is called and what it may do. */
export interface ScopeOptions {
  /** `source` of its events. */
  readonly source: string;
  /** What it may do; everything, where the policy of the bus does not say otherwise. */
  readonly permissions?: Permissions;
}

/** A typed event bus: one node of an application that may have many. */
export interface EventBus<M extends EventMap<M> = AnyEvents> extends EventScope<M> {
  readonly name: string;
  /** Other nodes that have said hello and not yet bye. */
  readonly nodes: readonly NodeInfo[];
  /** Calls that failed for good, with their events (F3). */
  readonly deadLetters: DeadLetters;
  /** Says who may do what, and why (G4). */
  readonly policy: Policy;

  /**
   * Has plugins set themselves up, those first that others depend on; resolves when all are active. When one fails, what
   * this call has installed is taken away again.
   *
   * @throws rejects with InvalidOptionError, PluginError, SchemaError for a config, PermissionError, BusClosedError
   * @example
   * const { uninstall } = await bus.install(audit, { config: { limit: 10 }, permissions: { on: 'order.*' } });
   */
  install(plugin: AnyPlugin<M>, options?: InstallOptions): Promise<InstalledPlugin>;
  install(plugins: readonly AnyPlugin<M>[], options?: InstallOptions): Promise<readonly InstalledPlugin[]>;
  /**
   * Puts a plugin in the place of the one with its name: the new one is set up while the old one works on, then takes over
   * between two events, with what waits for handlers of the same name and patterns. If its setup fails, the old one stays.
   *
   * @throws as {@link EventBus.install}
   */
  replace(plugin: AnyPlugin<M>, options?: InstallOptions & UninstallOptions): Promise<InstalledPlugin>;
  /** The plugins that are there, in order of installation. */
  readonly plugins: readonly InstalledPlugin[];
  /**
   * A view of the bus for a part of the host that should have a `source`, rights or an end of its own.
   *
   * @throws InvalidOptionError, InvalidPatternError, BusClosedError
   */
  scope(options: ScopeOptions): Scope<M>;

  /** Whether a codec covers events of a type: what is told elsewhere about them must not quote them (G6). */
  covers(type: string): boolean;
  /** Shows `observer` everything that happens, until the returned function is called (I1). */
  inspect(observer: Observer): () => void;
  stats(): BusStats;
  /**
   * Live subscriptions by what they were subscribed with, most first: where a number only grows, something is not
   * unsubscribed. With `traceSubscriptions`, also where they were made.
   */
  subscriptions(): readonly PatternUse[];
  /** Resolves when no handler is running and everything is stored and sent. @throws IdleTimeoutError */
  idle(options?: { readonly timeoutMs?: number }): Promise<void>;
  /**
   * Ends the bus: calls that are under way get until `timeoutMs`, 5,000 by default, and then their `delivery.signal`
   * aborts; what is pending is stored and sent, the node says bye, and store and transports are let go of. Nothing runs
   * afterwards (G8).
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
