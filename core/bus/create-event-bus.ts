import { Border } from './border/border.js';
import { Codecs } from './border/codecs.js';
import { withoutStore } from './border/consumer-options.js';
import { readHistory, type StoredEvent } from './border/history.js';
import type { CallHost } from './calls/call-host.js';
import { type PendingRequest, type RequestOptions, Requests } from './calls/request.js';
import { type StreamOptions, stream } from './calls/stream.js';
import { type WaitOptions, waitFor } from './calls/wait.js';
import { type Clock, systemClock } from './clock.js';
import { assertName, assertPriority, type EmitOptions, type EventInit } from './dispatch/admit.js';
import { DeadLetterBox, type DeadLetters } from './dispatch/dead-letter.js';
import type { Emission } from './dispatch/delivery.js';
import { Dispatcher } from './dispatch/dispatch.js';
import type { Exit } from './dispatch/exit.js';
import { FailureReporter } from './dispatch/failure.js';
import type { Middleware, MiddlewareOptions } from './dispatch/middleware.js';
import { Outcomes } from './dispatch/outcomes.js';
import { assertCount, assertDuration, queueLimits } from './dispatch/queue-limits.js';
import { Schemas } from './dispatch/schema.js';
import { assertFunction, Subscriptions } from './dispatch/subscriptions.js';
import { emitWhole } from './dispatch/whole-event.js';
import { BusClosedError } from './errors.js';
import { type BusEvent, createOrigin } from './event/event.js';
import { uuidv7 } from './event/id.js';
import { assertEventType } from './event/pattern.js';
import type { AnyEvents, EventMap } from './event/pattern-types.js';
import type { BusOptions, BusStats, EventBus, ScopeOptions } from './event-bus.js';
import { IdleWatch } from './idle.js';
import type { NodeInfo, Observer } from './inspection.js';
import { Observers } from './observers.js';
import type { InstalledPlugin, InstallOptions, Plugin, UninstallOptions } from './plugins/plugin.js';
import { PluginHost } from './plugins/plugin-host.js';
import { BusPolicy } from './plugins/policy.js';
import type { ScopeView } from './plugins/scope-view.js';
import { Scopes } from './plugins/scopes.js';
import type { HistoryQuery } from './ports.js';
import { AbortGroup } from './router/abort-group.js';
import { Registry } from './router/registry.js';
import type { PatternUse } from './router/registry-report.js';
import {
  type AnyHandler,
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
    // Frameworks put proxies around plain objects that are made reactive, and private fields do not go through those.
    Object.defineProperty(Bus.prototype, Symbol.toStringTag, { value: 'EventBus' });
    // Some engines do not have the symbol, and `await using` cannot be written there.
    if (Symbol.asyncDispose !== undefined) {
      Object.defineProperty(Bus.prototype, Symbol.asyncDispose, { value: Bus.prototype.close });
    }
  }

  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
  readonly deadLetters: DeadLetters;
  readonly policy: BusPolicy;
  readonly #options: BusOptions;
  readonly #registry = new Registry();
  readonly #dispatcher: Dispatcher;
  readonly #subscriptions: Subscriptions;
  readonly #requests: Requests;
  readonly #calls: CallHost;
  readonly #border: Border | undefined;
  readonly #codecs: Codecs | undefined;
  readonly #exit: Exit | null = null;
  readonly #outcomes: Outcomes;
  readonly #failures: FailureReporter;
  readonly #deadLetters: DeadLetterBox;
  readonly #observers: Observers;
  readonly #timings = new Timings();
  readonly #idle: IdleWatch;
  readonly #scopes: Scopes;
  readonly #plugins: PluginHost;
  #nodeId: string | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(options: BusOptions) {
    const { clock = systemClock, source = 'app', store, transports = [], schemas, maxDeadLetters = 1000 } = options;
    assertCount('maxDeadLetters', maxDeadLetters, 0);
    this.#options = options;
    this.#codecs = options.codecs && new Codecs(options.codecs, clock);
    this.clock = clock;
    this.name = options.name ?? 'crosstown';
    this.source = source;
    this.policy = new BusPolicy(options, source);
    this.#failures = new FailureReporter(options.onError);
    const { report } = this.#failures;
    const dispatcher = (): Dispatcher => this.#dispatcher;
    const aborts = new AbortGroup<Registration | PendingRequest>((member, signal) =>
      member instanceof Registration ? this.#subscriptions.remove(member) : member.fail(signal.reason),
    );
    const sites = options.traceSubscriptions === true ? new SubscriptionSites() : undefined;
    sites?.watch(this, ['on', 'once', 'waitFor', 'stream', 'respond']);
    this.#subscriptions = new Subscriptions({
      registry: this.#registry,
      aborts,
      dispatcher,
      retry: options.retry,
      sites,
      feed: (patterns, on, answers) => {
        if (this.#border === undefined) throw withoutStore(on);
        return this.#border.consumers.add(patterns, on, answers);
      },
      open: () => this.#border?.open(),
    });
    this.#deadLetters = new DeadLetterBox({
      dispatcher,
      successor: (...failed) => this.#subscriptions.successor(...failed),
      report,
      limit: maxDeadLetters,
      store: store?.deadLetters,
      keeps: (type) => this.#exit?.keeps(type) === true,
      codecs: this.#codecs,
      decode: (record) => this.#border?.decode(record),
    });
    this.deadLetters = this.#deadLetters;
    this.#outcomes = new Outcomes({ report, failedForGood: (...failed) => this.#deadLetters.add(...failed) });
    this.#requests = new Requests({ clock, dispatcher, aborts, reaches: (type) => this.#exit?.reaches(type) === true });
    this.#idle = new IdleWatch(clock, () => this.#dispatcher.inFlight);
    this.#dispatcher = new Dispatcher({
      registry: this.#registry,
      clock,
      origin: createOrigin(source, options.createId),
      nodeId: () => this.nodeId,
      freeze: options.freeze === true,
      limits: queueLimits(options.queue),
      schemas: schemas && new Schemas(schemas),
      outcomes: this.#outcomes,
      remove: this.#subscriptions.remove,
      request: (...request) => this.#requests.request(...request),
      onIdle: this.#idle.wake,
    });
    if (store !== undefined || transports.length > 0) {
      const arrivals: ConstructorParameters<typeof Border>[5] = {
        asked: (id) => this.#requests.asked(id),
        replied: (...reply) => this.#requests.replied(...reply),
        takes: (...said) => this.policy.takes(...said),
      };
      this.#border = new Border(options, source, clock, this.#dispatcher, report, arrivals, this.#codecs);
      this.#exit = this.#border.exit;
    }
    this.#observers = new Observers({
      clock,
      report,
      timing: options.timing === true,
      timings: this.#timings,
      changed: (inspector) => this.#dispatcher.attach(this.#exit, inspector),
    });
    this.#dispatcher.attach(this.#exit, this.#observers.inspector);
    this.#calls = {
      clock,
      closed: (operation) => (this.#closed ? new BusClosedError(operation) : undefined),
      on: (pattern, handler, on) => this.#subscriptions.add(pattern, handler, on, false),
      dropped: (event) => this.#outcomes.lost(event),
    };
    this.#scopes = new Scopes({
      calls: this.#calls,
      dispatcher: this.#dispatcher,
      subscriptions: this.#subscriptions,
      requests: this.#requests,
      report,
      createId: options.createId,
      use: (middleware, use) => this.use(middleware, use),
      history: (query) => this.history(query),
    });
    this.#plugins = new PluginHost({
      source,
      policy: this.policy,
      dispatcher: this.#dispatcher,
      report,
      scope: (name, guard, isHeld) => this.#scopes.make(name, guard, isHeld),
    });
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
    return emitWhole(this.#dispatcher, type, this.#options.createId, undefined);
  }

  on(pattern: string | readonly string[], handler: AnyHandler, options?: SubscribeOptions): Subscription {
    return this.#subscriptions.add(pattern, handler, options, false);
  }

  once(pattern: string | readonly string[], handler: AnyHandler, options?: SubscribeOptions): Subscription {
    return this.#subscriptions.add(pattern, handler, { ...options, once: true }, false);
  }

  off(pattern?: string | readonly string[], ...only: [handler?: AnyHandler]): void {
    // A handler that turns out to be undefined must not remove everybody else's.
    if (only.length > 0) assertFunction('handler', only[0]);
    this.#subscriptions.removeAll(pattern, only[0]);
  }

  respond(type: string, responder: AnyHandler, options?: SubscribeOptions): Subscription {
    assertEventType(type);
    return this.#subscriptions.add(type, responder, options, true);
  }

  request(type: string, data?: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#requests.request(this.#dispatcher.origin, type, data, options);
  }

  waitFor(pattern: string | readonly string[], options?: WaitOptions): Promise<BusEvent> {
    return waitFor(this.#calls, pattern, options);
  }

  stream(pattern: string | readonly string[], options?: StreamOptions): AsyncIterableIterator<BusEvent> {
    return stream(this.#calls, pattern, options);
  }

  use(middleware: Middleware, options: MiddlewareOptions = {}): () => void {
    if (this.#closed) throw new BusClosedError('use');
    assertFunction('middleware', middleware);
    assertPriority(options.priority);
    assertName(options.name);
    const remove = this.#dispatcher.intake.gate.line.use(middleware, options);
    this.#dispatcher.attach(this.#exit, this.#dispatcher.inspector);
    return () => {
      remove();
      this.#dispatcher.attach(this.#exit, this.#dispatcher.inspector);
    };
  }

  history(query: HistoryQuery = {}): AsyncIterableIterator<StoredEvent> {
    return readHistory(this.#options.store, query, this.#codecs && this.#border?.decode);
  }

  covers(type: string): boolean {
    return this.#codecs?.covers(type) === true;
  }

  inspect(observer: Observer): () => void {
    assertFunction('observer', observer);
    this.#border?.open();
    return this.#observers.add(observer);
  }

  stats(): BusStats {
    const { received, dropped } = this.#border?.counts ?? { received: 0, dropped: 0 };
    const { emitted, inFlight, queued } = this.#dispatcher;
    const { ended, retries, losses } = this.#outcomes;
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
      discarded: ended.dropped + losses,
      inFlight,
      queued,
      subscriptions: this.#subscriptions.live,
      denied: this.#scopes.denied,
      durable: this.#border?.consumers.stats ?? [],
      handlers: this.#registry.all().flatMap((one) => this.#timings.of(handlerInfo(one)) ?? []),
    };
  }

  get plugins(): readonly InstalledPlugin[] {
    return this.#plugins.plugins;
  }

  install(
    plugin: Plugin | readonly Plugin[],
    options?: InstallOptions,
  ): Promise<InstalledPlugin | readonly InstalledPlugin[]> {
    return this.#plugins.install(plugin, options);
  }

  replace(plugin: Plugin, options?: InstallOptions & UninstallOptions): Promise<InstalledPlugin> {
    return this.#plugins.replace(plugin, options);
  }

  scope(options: ScopeOptions): ScopeView {
    if (this.#closed) throw new BusClosedError('scope');
    return this.#plugins.scope(options);
  }

  subscriptions(): readonly PatternUse[] {
    return this.#subscriptions.report();
  }

  idle({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<void> {
    assertDuration('timeoutMs', timeoutMs);
    return this.#idle.within(timeoutMs, this.#becomeIdle());
  }

  close({ timeoutMs = 5000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    assertDuration('timeoutMs', timeoutMs);
    this.#closing ??= this.#plugins.isEmpty ? this.#close(timeoutMs) : this.#closeAfterPlugins(timeoutMs);
    return this.#closing;
  }

  async #becomeIdle(): Promise<void> {
    await Promise.resolve();
    for (;;) {
      await this.#border?.settled();
      await this.#deadLetters.settled();
      // What was begun meanwhile is waited for in its turn: it wakes nobody when it is over.
      if (this.#border?.leaving === true || this.#deadLetters.busy) continue;
      if (this.#dispatcher.inFlight === 0 && this.#border?.holding !== true) return;
      await this.#idle.woken();
    }
  }

  /** Plugins go first, while events still flow: their clean-ups may have something to emit. */
  async #closeAfterPlugins(timeoutMs: number): Promise<void> {
    const begun = this.clock.precise();
    await this.#plugins.close(timeoutMs);
    await this.#close(Math.max(0, timeoutMs - (this.clock.precise() - begun)));
  }

  async #close(timeoutMs: number): Promise<void> {
    // While those who handle them may still emit.
    this.#subscriptions.flush();
    this.#closed = true;
    // First, so that no request is told instead that its responder is gone.
    this.#requests.close();
    this.#border?.stopTaking();
    this.#subscriptions.close();
    this.#dispatcher.close();
    try {
      await this.#idle.within(timeoutMs, this.#idle.handled());
    } catch {
      this.#dispatcher.abort(new BusClosedError('close'));
    }
    await this.#deadLetters.settled();
    await this.#border?.close();
    this.#dispatcher.intake.gate.line.clear();
    this.#observers.clear();
    this.#idle.wake();
  }
}
