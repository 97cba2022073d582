import { Border } from './border/border.js';
import { readHistory, type StoredEvent } from './border/history.js';
import { type Clock, systemClock } from './clock.js';
import { assertEnvelope, assertPriority, type EmitOptions, type EventInit } from './dispatch/admit.js';
import type { Emission } from './dispatch/delivery.js';
import { Dispatcher } from './dispatch/dispatch.js';
import type { Exit } from './dispatch/exit.js';
import { FailureReporter } from './dispatch/failure.js';
import { BusClosedError, IdleTimeoutError, InvalidOptionError } from './errors.js';
import { createOrigin, EventEnvelope } from './event/event.js';
import { uuidv7 } from './event/id.js';
import { assertEventType, parsePattern, patternKey, uniquePatterns } from './event/pattern.js';
import type { AnyEvents, EventMap } from './event/pattern-types.js';
import type { BusOptions, BusStats, EventBus } from './event-bus.js';
import { Inspector, type NodeInfo, type Observer } from './inspection.js';
import type { HistoryQuery } from './ports.js';
import { AbortGroup } from './router/abort-group.js';
import { Registry } from './router/registry.js';
import {
  type AnyHandler,
  createSubscription,
  GONE,
  handlerInfo,
  type OnOptions,
  Registration,
  type Subscription,
} from './router/subscription.js';

/**
 * Makes a bus. Nothing happens until it is used: no timer, no connection, no random number.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * interface AppEvents { 'user.created': { userId: string } }
 * const bus = createEventBus<AppEvents>();
 * bus.on('user.*', (event) => console.log(event.data.userId));
 * await bus.emit('user.created', { userId: '1' });
 */
export function createEventBus<M extends EventMap<M> = AnyEvents>(options: BusOptions = {}): EventBus<M> {
  return new Bus(options) as unknown as EventBus<M>;
}

/** The bus before its types: {@link EventBus} gives them. */
class Bus {
  static {
    // Some engines do not have the symbol, and `await using` cannot be written there.
    if (Symbol.asyncDispose !== undefined) {
      Object.defineProperty(Bus.prototype, Symbol.asyncDispose, { value: Bus.prototype.close });
    }
  }

  readonly name: string;
  readonly source: string;
  readonly #clock: Clock;
  readonly #registry = new Registry();
  readonly #aborts: AbortGroup;
  readonly #dispatcher: Dispatcher;
  readonly #border: Border | undefined;
  readonly #exit: Exit | null = null;
  readonly #options: BusOptions;
  readonly #failures: FailureReporter;
  readonly #remove: (registration: Registration) => void;
  #observers: readonly Observer[] = [];
  #subscriptions = 0;
  #nodeId: string | undefined;
  #closing: Promise<void> | undefined;
  #idlers: (() => void)[] = [];

  constructor(options: BusOptions) {
    this.#options = options;
    this.#failures = new FailureReporter(options.onError);
    this.name = options.name ?? 'crosstown';
    this.source = options.source ?? 'app';
    this.#clock = options.clock ?? systemClock;
    this.#remove = (registration) => this.#unsubscribe(registration);
    this.#aborts = new AbortGroup(this.#remove);
    this.#dispatcher = new Dispatcher({
      registry: this.#registry,
      clock: this.#clock,
      origin: createOrigin(this.source, options.createId),
      nodeId: () => this.nodeId,
      freeze: options.freeze === true,
      report: this.#failures.report,
      remove: this.#remove,
      onIdle: () => this.#checkIdle(),
    });
    if (options.store !== undefined || (options.transports?.length ?? 0) > 0) {
      this.#border = new Border(options, this.source, this.#clock, this.#dispatcher, this.#failures.report);
      this.#exit = this.#border.exit;
      this.#dispatcher.attach(this.#exit, null);
    }
  }

  get nodeId(): string {
    this.#nodeId ??= uuidv7(this.#clock.now(), 0);
    return this.#nodeId;
  }

  get nodes(): readonly NodeInfo[] {
    this.#border?.open();
    return this.#border?.nodes ?? [];
  }

  emit(type: string | EventInit, data?: unknown, options?: EmitOptions): Emission {
    if (typeof type === 'string') return this.#dispatcher.emit(this.#dispatcher.origin, type, data, options);
    return this.#emitWhole(type);
  }

  on(pattern: string | readonly string[], handler: AnyHandler, options?: OnOptions): Subscription {
    if (this.#closing !== undefined) throw new BusClosedError('on');
    if (typeof handler !== 'function') throw new InvalidOptionError('handler', handler, 'a function');
    assertPriority(options?.priority);
    const filter: unknown = options?.filter;
    if (filter !== undefined && typeof filter !== 'function')
      throw new InvalidOptionError('filter', filter, 'a function');
    const own = typeof pattern === 'string' ? pattern : uniquePatterns(pattern);
    const registration = new Registration(handler, own, ++this.#subscriptions, options);
    const signal = options?.signal;
    if (signal?.aborted === true) {
      for (const one of registration.patterns) parsePattern(one);
      registration.state = GONE;
    } else {
      this.#border?.open();
      this.#registry.add(registration);
      if (signal !== undefined) this.#removeOn(signal, registration);
      this.#dispatcher.inspector?.tell({ kind: 'subscribed', handler: handlerInfo(registration) });
    }
    return createSubscription(registration, this.#remove);
  }

  once(pattern: string | readonly string[], handler: AnyHandler, options?: OnOptions): Subscription {
    return this.on(pattern, handler, { ...options, once: true });
  }

  off(pattern?: string | readonly string[], handler?: AnyHandler): void {
    const key = pattern === undefined ? undefined : patternKey(pattern);
    for (const registration of key === undefined ? this.#registry.all() : this.#registry.candidates(key)) {
      const meant = key === undefined || patternKey(registration.pattern) === key;
      if (meant && (handler === undefined || registration.handler === handler)) this.#unsubscribe(registration);
    }
  }

  history(query: HistoryQuery = {}): AsyncIterableIterator<StoredEvent> {
    return readHistory(this.#options.store, query);
  }

  inspect(observer: Observer): () => void {
    if (typeof observer !== 'function') throw new InvalidOptionError('observer', observer, 'a function');
    this.#border?.open();
    let watching = true;
    // A function of its own for each call: the same observer may be given twice and is removed once, at once.
    const own: Observer = (inspection) => (watching ? observer(inspection) : undefined);
    this.#observe([...this.#observers, own]);
    return () => {
      watching = false;
      this.#observe(this.#observers.filter((one) => one !== own));
    };
  }

  stats(): BusStats {
    const { received, dropped } = this.#border?.counts ?? { received: 0, dropped: 0 };
    const { emitted, inFlight } = this.#dispatcher;
    return { emitted, received, dropped, failures: this.#failures.count, inFlight };
  }

  async idle(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs } = options;
    const idle = this.#becomeIdle();
    if (timeoutMs === undefined) return idle;
    let timer: unknown;
    const timeout = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new IdleTimeoutError(timeoutMs, this.#dispatcher.inFlight));
      timer = this.#clock.setTimeout(fail, timeoutMs);
    });
    try {
      await Promise.race([idle, timeout]);
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #emitWhole(init: EventInit): Emission {
    assertEventType(init?.type);
    assertPriority(init.priority);
    assertEnvelope(init);
    const origin =
      init.source === undefined ? this.#dispatcher.origin : createOrigin(init.source, this.#options.createId);
    const { timestamp = this.#dispatcher.timestamp(), metadata, local } = init;
    const details = metadata === undefined ? init : { ...init, metadata: Object.freeze({ ...metadata }) };
    const event = new EventEnvelope(origin, init.type, init.data, timestamp, this.#dispatcher.nextSequence(), {
      id: details.id,
      correlationId: details.correlationId,
      causationId: details.causationId,
      metadata: details.metadata,
      priority: details.priority,
    });
    return this.#dispatcher.dispatch(event, local === true ? 'local' : 'anywhere');
  }

  #removeOn(signal: AbortSignal, registration: Registration): void {
    try {
      this.#aborts.add(signal, registration);
    } catch (error) {
      this.#registry.remove(registration);
      throw error;
    }
  }

  #unsubscribe(registration: Registration): void {
    if (registration.state === GONE) return;
    this.#registry.remove(registration);
    const signal = registration.options?.signal;
    if (signal !== undefined) this.#aborts.delete(signal, registration);
    this.#dispatcher.inspector?.tell({ kind: 'unsubscribed', handler: handlerInfo(registration) });
  }

  #observe(observers: readonly Observer[]): void {
    this.#observers = observers;
    const report = (error: unknown): void => this.#failures.report({ stage: 'observer', error, event: undefined });
    const precise = (): number => this.#clock.precise();
    const inspector = observers.length === 0 ? null : new Inspector(observers, precise, report);
    this.#dispatcher.attach(this.#exit, inspector);
  }

  async #becomeIdle(): Promise<void> {
    await Promise.resolve();
    for (;;) {
      await this.#border?.settled();
      if (this.#dispatcher.inFlight === 0 && this.#border?.busy !== true) return;
      await new Promise<void>((resolve) => this.#idlers.push(resolve));
    }
  }

  #checkIdle(): void {
    const idlers = this.#idlers;
    this.#idlers = [];
    for (const wake of idlers) wake();
  }

  async #close(): Promise<void> {
    for (const registration of this.#registry.all()) this.#unsubscribe(registration);
    this.#registry.close();
    this.#dispatcher.close();
    await this.#border?.close();
    this.#observe([]);
    this.#checkIdle();
  }
}
