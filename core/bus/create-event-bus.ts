import { Border } from './border/border.js';
import { readHistory, type StoredEvent } from './border/history.js';
import { type PendingRequest, type RequestOptions, Requests } from './calls/request.js';
import { type StreamOptions, stream } from './calls/stream.js';
import { type WaitOptions, waitFor } from './calls/wait.js';
import { type Clock, systemClock } from './clock.js';
import { assertEnvelope, assertPriority, type EmitOptions, type EventInit, eventDetails } from './dispatch/admit.js';
import { DeadLetterBox, type DeadLetters } from './dispatch/dead-letter.js';
import type { Emission, EmitResult, LiveEmission } from './dispatch/delivery.js';
import { Dispatcher } from './dispatch/dispatch.js';
import type { Exit } from './dispatch/exit.js';
import { FailureReporter } from './dispatch/failure.js';
import type { Middleware, MiddlewareOptions } from './dispatch/middleware.js';
import { Outcomes } from './dispatch/outcomes.js';
import { assertCount, assertDuration, queueLimits } from './dispatch/queue-limits.js';
import { assertRetry } from './dispatch/retry.js';
import { Schemas } from './dispatch/schema.js';
import { Supervisor } from './dispatch/supervisor.js';
import { BusClosedError, describeError, InvalidOptionError } from './errors.js';
import { type BusEvent, createOrigin, eventFromRecord } from './event/event.js';
import { uuidv7 } from './event/id.js';
import { assertEventType, parsePattern, patternKey, uniquePatterns } from './event/pattern.js';
import type { AnyEvents, EventMap } from './event/pattern-types.js';
import type { BusOptions, BusStats, EventBus } from './event-bus.js';
import { IdleWatch } from './idle.js';
import { Inspector, type NodeInfo, type Observer } from './inspection.js';
import type { HistoryQuery } from './ports.js';
import { AbortGroup } from './router/abort-group.js';
import { Registry } from './router/registry.js';
import { type PatternUse, reportPatterns } from './router/registry-report.js';
import {
  type AnyHandler,
  createSubscription,
  GONE,
  handlerInfo,
  Registration,
  type SubscribeOptions,
  type Subscription,
} from './router/subscription.js';
import { SubscriptionSites } from './router/subscription-sites.js';
import { Timings } from './timing.js';

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
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly #registry = new Registry();
  readonly #aborts: AbortGroup<Registration | PendingRequest>;
  readonly #dispatcher: Dispatcher;
  readonly #border: Border | undefined;
  readonly #exit: Exit | null = null;
  readonly #options: BusOptions;
  readonly #failures: FailureReporter;
  readonly #deadLetters: DeadLetterBox;
  readonly #outcomes: Outcomes;
  readonly #requests: Requests;
  readonly #timings = new Timings();
  readonly #idle: IdleWatch;
  readonly #sites: SubscriptionSites | undefined;
  readonly #remove: (registration: Registration) => void;
  #observers: readonly Observer[] = [];
  #sequence = 0;
  #subscriptions = 0;
  #nodeId: string | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(options: BusOptions) {
    const { maxDeadLetters = 1000, retry, schemas } = options;
    assertCount('maxDeadLetters', maxDeadLetters, 0);
    if (retry !== undefined) assertRetry(retry);
    this.#options = options;
    this.#failures = new FailureReporter(options.onError);
    this.name = options.name ?? 'crosstown';
    this.source = options.source ?? 'app';
    this.clock = options.clock ?? systemClock;
    this.#idle = new IdleWatch(this.clock, () => this.#dispatcher.inFlight);
    this.#remove = (registration) => this.#unsubscribe(registration);
    this.#aborts = new AbortGroup((member, signal) =>
      member instanceof Registration ? this.#unsubscribe(member) : member.fail(signal.reason),
    );
    this.#deadLetters = new DeadLetterBox(this, maxDeadLetters);
    this.deadLetters = this.#deadLetters;
    this.#outcomes = new Outcomes({
      report: this.#failures.report,
      failedForGood: (...failed) => this.#failedForGood(...failed),
    });
    this.#requests = new Requests({
      clock: this.clock,
      emit: (type, data, emit, parent) => this.#dispatcher.emit(this.#dispatcher.origin, type, data, emit, parent),
      reaches: (type) => this.#exit?.reaches(type) === true,
      onAbort: (signal, request) => this.#aborts.add(signal, request),
      offAbort: (signal, request) => this.#aborts.delete(signal, request),
    });
    this.#dispatcher = new Dispatcher({
      registry: this.#registry,
      clock: this.clock,
      origin: createOrigin(this.source, options.createId),
      nodeId: () => this.nodeId,
      freeze: options.freeze === true,
      limits: queueLimits(options.queue),
      schemas: schemas && new Schemas(schemas),
      outcomes: this.#outcomes,
      remove: this.#remove,
      request: (...request) => this.#requests.request(...request),
      onIdle: this.#idle.wake,
    });
    if (options.store !== undefined || (options.transports?.length ?? 0) > 0) {
      this.#border = new Border(
        options,
        this.source,
        this.clock,
        this.#dispatcher,
        this.#failures.report,
        (id, answer) => this.#requests.replied(id, answer),
      );
      this.#exit = this.#border.exit;
    }
    this.#observe([]);
    if (options.traceSubscriptions === true) {
      this.#sites = new SubscriptionSites();
      this.#sites.watch(this, ['on', 'once', 'waitFor', 'stream', 'respond']);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  get nodeId(): string {
    this.#nodeId ??= uuidv7(this.clock.now(), 0);
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

  on(pattern: string | readonly string[], handler: AnyHandler, options?: SubscribeOptions): Subscription {
    return this.#subscribe(pattern, handler, options, false);
  }

  once(pattern: string | readonly string[], handler: AnyHandler, options?: SubscribeOptions): Subscription {
    return this.on(pattern, handler, { ...options, once: true });
  }

  respond(type: string, responder: AnyHandler, options?: SubscribeOptions): Subscription {
    assertEventType(type);
    return this.#subscribe(type, responder, options, true);
  }

  request(type: string, data?: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#requests.request(type, data, options);
  }

  waitFor(pattern: string | readonly string[], options?: WaitOptions): Promise<BusEvent> {
    return waitFor(this, pattern, options);
  }

  stream(pattern: string | readonly string[], options?: StreamOptions): AsyncIterableIterator<BusEvent> {
    return stream(this, pattern, options);
  }

  use(middleware: Middleware, options: MiddlewareOptions = {}): () => void {
    if (this.closed) throw new BusClosedError('use');
    if (typeof middleware !== 'function') throw new InvalidOptionError('middleware', middleware, 'a function');
    assertPriority(options.priority);
    const remove = this.#dispatcher.gate.line.use(middleware, options);
    this.#observe(this.#observers);
    return () => {
      remove();
      this.#observe(this.#observers);
    };
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
    const { emitted, inFlight, queued } = this.#dispatcher;
    const { ended, retries } = this.#outcomes;
    const handlers = this.#registry.all().flatMap((one) => this.#timings.of(handlerInfo(one)) ?? []);
    return {
      emitted,
      received,
      dropped,
      failures: this.#failures.count,
      retried: retries,
      deadLettered: this.#deadLetters.count,
      cancelled: ended.cancelled,
      vetoed: ended.vetoed,
      expired: ended.expired,
      discarded: ended.dropped + this.#outcomes.losses,
      inFlight,
      queued,
      subscriptions: this.#subscriptions,
      handlers,
    };
  }

  subscriptions(): readonly PatternUse[] {
    return reportPatterns(this.#registry.all(), (registration) => this.#sites?.of(registration));
  }

  async idle(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs } = options;
    return timeoutMs === undefined ? this.#becomeIdle() : this.#idle.within(timeoutMs, this.#becomeIdle());
  }

  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs = 5000 } = options;
    assertDuration('timeoutMs', timeoutMs);
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  /** Shows observers an event that a stream had no room for. */
  dropped(event: BusEvent): void {
    this.#outcomes.lost(event);
  }

  now(): number {
    return this.clock.now();
  }

  createId(): string {
    return uuidv7(this.clock.now(), this.#deadLetters.count);
  }

  successors(registration: Registration): readonly Registration[] {
    const key = patternKey(registration.pattern);
    const { name } = handlerInfo(registration);
    const alike = (one: Registration): boolean => patternKey(one.pattern) === key && handlerInfo(one).name === name;
    return this.#registry.candidates(key).filter(alike);
  }

  redeliver(event: BusEvent, registration: Registration): PromiseLike<EmitResult> {
    if (this.closed) throw new BusClosedError('retry');
    // A copy, as the event may have been cancelled since.
    return this.#dispatcher.redeliver(eventFromRecord(event.toRecord()), registration);
  }

  #subscribe(
    pattern: string | readonly string[],
    handler: AnyHandler,
    options: SubscribeOptions | undefined,
    answers: boolean,
  ): Subscription {
    if (this.closed) throw new BusClosedError('on');
    if (typeof handler !== 'function') throw new InvalidOptionError('handler', handler, 'a function');
    assertPriority(options?.priority);
    const filter: unknown = options?.filter;
    if (filter !== undefined && typeof filter !== 'function')
      throw new InvalidOptionError('filter', filter, 'a function');
    const own = typeof pattern === 'string' ? pattern : uniquePatterns(pattern);
    const registration = new Registration(handler, own, ++this.#sequence, this.#supervised(options, answers));
    const signal = options?.signal;
    if (signal?.aborted === true) {
      for (const one of registration.patterns) parsePattern(one);
      registration.state = GONE;
    } else {
      this.#border?.open();
      this.#registry.add(registration);
      this.#subscriptions++;
      this.#sites?.made(registration);
      if (signal !== undefined) this.#removeOn(signal, registration);
      this.#dispatcher.inspector?.tell({ kind: 'subscribed', handler: handlerInfo(registration) });
    }
    return createSubscription(registration, this.#remove);
  }

  /** The options, with somebody to stand over the calls where that takes more than calling. */
  #supervised(options: SubscribeOptions | undefined, answers: boolean): SubscribeOptions | undefined {
    const { retry } = this.#options;
    const { timeoutMs, concurrency, retry: own } = options ?? {};
    const isPlain = timeoutMs === undefined && concurrency === undefined && (own ?? retry) === undefined && !answers;
    if (isPlain) return options;
    return { ...options, supervisor: new Supervisor(this.#dispatcher, options ?? {}, retry, answers) };
  }

  #emitWhole(init: EventInit): Emission {
    assertEventType(init?.type);
    assertEnvelope(init);
    const { origin } = this.#dispatcher;
    const { type, data, timestamp, id, correlationId, causationId, source, local, ...options } = init;
    const details = { ...eventDetails(options, undefined), id, correlationId, causationId };
    const own = source === undefined ? origin : createOrigin(source, this.#options.createId);
    return this.#dispatcher.introduce(own, type, data, timestamp, details, local === true ? 'local' : 'anywhere');
  }

  #failedForGood(emission: LiveEmission, registration: Registration, error: unknown, attempts: number): void {
    const letter = this.#deadLetters.add(emission, registration, error, attempts);
    const { event } = emission;
    const { inspector, origin } = this.#dispatcher;
    const { handler, id } = letter;
    inspector?.tell({ kind: 'deadLettered', event: inspector.view(event), handler, letter: id, attempts, error });
    const isReport = event.type === 'error.occurred' || emission.lineage?.ofError === true;
    if (isReport || this.closed) return;
    const data = {
      error: describeError(error),
      event: { id: event.id, type: event.type, source: event.source },
      handler: handler.name,
      attempts,
    };
    try {
      this.#dispatcher.emit(origin, 'error.occurred', data, undefined, emission);
    } catch (error) {
      this.#failures.report({ stage: 'report', error, event });
    }
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
    this.#subscriptions--;
    const { options } = registration;
    if (options?.signal !== undefined) this.#aborts.delete(options.signal, registration);
    options?.supervisor?.end();
    options?.ended?.();
    this.#dispatcher.inspector?.tell({ kind: 'unsubscribed', handler: handlerInfo(registration) });
  }

  #observe(observers: readonly Observer[]): void {
    this.#observers = observers;
    const report = (error: unknown): void => this.#failures.report({ stage: 'observer', error, event: undefined });
    const precise = (): number => this.clock.precise();
    const isWatched = observers.length > 0 || this.#options.timing === true;
    const inspector = isWatched ? new Inspector(observers, precise, report, this.#timings) : null;
    this.#dispatcher.attach(this.#exit, inspector);
  }

  async #becomeIdle(): Promise<void> {
    await Promise.resolve();
    for (;;) {
      await this.#border?.settled();
      if (this.#dispatcher.inFlight === 0 && this.#border?.busy !== true) return;
      await this.#idle.woken();
    }
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    for (const registration of this.#registry.all()) this.#unsubscribe(registration);
    this.#registry.close();
    this.#requests.close();
    this.#dispatcher.close();
    await this.#abortAfter(timeoutMs);
    await this.#border?.close();
    this.#dispatcher.gate.line.clear();
    this.#observers = [];
    this.#dispatcher.attach(this.#exit, null);
    this.#idle.wake();
  }

  /** Waits for calls that are under way, and after some time aborts them and waits no more. */
  async #abortAfter(timeoutMs: number): Promise<void> {
    try {
      await this.#idle.within(timeoutMs, this.#idle.handled());
    } catch {
      const reason = new BusClosedError('close');
      for (const controller of this.#dispatcher.abortable) controller.abort(reason);
    }
  }
}
