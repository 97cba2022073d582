import type { StoredEvent } from '../border/history.js';
import type { CallHost } from '../calls/call-host.js';
import type { PendingRequest, RequestOptions } from '../calls/request.js';
import { type StreamOptions, stream } from '../calls/stream.js';
import { type WaitOptions, waitFor } from '../calls/wait.js';
import type { Clock } from '../clock.js';
import type { EmitOptions, EventInit } from '../dispatch/admit.js';
import { Batch } from '../dispatch/batch.js';
import type { Call } from '../dispatch/call.js';
import type { Emission, LiveEmission } from '../dispatch/delivery.js';
import type { Middleware, MiddlewareOptions } from '../dispatch/middleware.js';
import { assertFunction } from '../dispatch/subscriptions.js';
import { type Abortable, UnderWay } from '../dispatch/under-way.js';
import { PermissionError, ScopeClosedError } from '../errors.js';
import type { BusEvent, Origin } from '../event/event.js';
import { assertEventType, compilePattern } from '../event/pattern.js';
import type { HistoryQuery } from '../ports.js';
import {
  type AnyHandler,
  drained,
  type Owner,
  type Registration,
  type SubscribeOptions,
  type Subscription,
} from '../router/subscription.js';
import { Deadline } from './deadline.js';
import type { Guard } from './guard.js';
import type { ScopeAction } from './plugin.js';
import { ownCursor, publicOptions } from './public-options.js';
import { ScopeClock } from './scope-clock.js';
import { ScopedBatchDelivery, ScopedDelivery } from './scoped-delivery.js';
import { ScopedEmission } from './scoped-emission.js';
import { ScopedMiddleware } from './scoped-middleware.js';

/** What a scope does its work with: the insides of its bus, which it shows to nobody. */
export interface ScopeHost {
  readonly clock: Clock;
  readonly calls: CallHost;
  nodeId(): string;
  emit(origin: Origin, type: string, data: unknown, options?: EmitOptions, parent?: LiveEmission): Emission;
  emitWhole(origin: Origin, event: EventInit): Emission;
  request(
    origin: Origin,
    type: string,
    data: unknown,
    options: RequestOptions | undefined,
    parent: LiveEmission | undefined,
    asker: Set<PendingRequest>,
  ): Promise<unknown>;
  subscribe(
    pattern: string | readonly string[],
    handler: AnyHandler,
    options: SubscribeOptions,
    answers: boolean,
  ): Subscription;
  remove(registration: Registration): void;
  takeOver(before: Owner, after: Owner, meanwhile: () => void): readonly Registration[];
  removeAll(pattern: string | readonly string[] | undefined, handler: AnyHandler | undefined, owner: Owner): void;
  use(middleware: Middleware, options: MiddlewareOptions): () => void;
  history(query: HistoryQuery): AsyncIterableIterator<StoredEvent>;
  /** A scope wanted something that it may not do. */
  denied(action: ScopeAction, error: PermissionError): void;
  /** Something of a scope's own has failed. */
  failed(source: string, error: unknown): void;
}

/** One view of the bus: what it emits bears its source, it does what it may, and what it makes ends with it. */
export class BusScope implements Owner {
  readonly origin: Origin;
  readonly clock: ScopeClock;
  readonly hears: ((type: string) => boolean) | undefined;
  readonly registrations: Set<Registration> = new Set();
  /** What it subscribes to is kept back until it takes the place of another. */
  isHeld: boolean;
  readonly #host: ScopeHost;
  readonly #guard: Guard | undefined;
  /** Waits and streams, which are never kept back. */
  readonly #waits = new Set<Registration>();
  readonly #asking = new Set<PendingRequest>();
  readonly #middleware: ScopedMiddleware;
  readonly #cleanups: (() => unknown)[] = [];
  readonly #underWay = new UnderWay();
  readonly #controller = new AbortController();
  /** `ending`: nothing is subscribed any more, but clean-ups may still emit. */
  #state: 'open' | 'ending' | 'closed' = 'open';
  #end: Promise<void> | undefined;
  /** When it is ended, whatever it still waits for. */
  #deadline: Deadline | undefined;

  constructor(host: ScopeHost, origin: Origin, guard: Guard | undefined, isHeld: boolean) {
    this.#host = host;
    this.origin = origin;
    this.#guard = guard;
    this.isHeld = isHeld;
    this.hears = guard && ((type) => guard.allows('on', type));
    this.#middleware = new ScopedMiddleware(host.use, (type) => guard?.allows('use', type) !== false);
    this.clock = new ScopeClock(host.clock, (error) => host.failed(this.source, error));
  }

  get source(): string {
    return this.origin.source;
  }

  get nodeId(): string {
    return this.#host.nodeId();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get underWay(): { add(call: Abortable): void; delete(call: Abortable): void } {
    return this.#underWay;
  }

  emit(type: string | EventInit, data?: unknown, options?: EmitOptions, parent?: LiveEmission): Emission {
    if (this.#state === 'closed') throw new ScopeClosedError(this.source, 'emit');
    if (typeof type !== 'string') return this.#emitWhole(type);
    if (this.#guard?.allows('emit', type) === false) this.#deny('emit', type);
    return new ScopedEmission(this.#host.emit(this.origin, type, data, options, parent));
  }

  request(type: string, data?: unknown, options?: RequestOptions, parent?: LiveEmission): Promise<unknown> {
    if (this.#state === 'closed') throw new ScopeClosedError(this.source, 'request');
    if (this.#guard?.allows('request', type) === false) this.#deny('request', type);
    return this.#host.request(this.origin, type, data, options, parent, this.#asking);
  }

  on(pattern: string | readonly string[], handler: AnyHandler, options?: SubscribeOptions): Subscription {
    this.#assertOpen('on');
    return this.#subscribe(this.#permitted('on', pattern), handler, options, false);
  }

  respond(type: string, responder: AnyHandler, options?: SubscribeOptions): Subscription {
    this.#assertOpen('respond');
    assertEventType(type);
    return this.#subscribe(this.#permitted('respond', type), responder, options, true);
  }

  off(pattern?: string | readonly string[], ...only: [handler?: AnyHandler]): void {
    if (only.length > 0) assertFunction('handler', only[0]);
    this.#host.removeAll(pattern, only[0], this);
  }

  waitFor(pattern: string | readonly string[], options?: WaitOptions): Promise<BusEvent> {
    return waitFor(this.#calls(), this.#permitted('on', pattern), options);
  }

  stream(pattern: string | readonly string[], options?: StreamOptions): AsyncIterableIterator<BusEvent> {
    return stream(this.#calls(), this.#permitted('on', pattern), options);
  }

  use(middleware: Middleware, options: MiddlewareOptions = {}): () => void {
    this.#assertOpen('use');
    assertFunction('middleware', middleware);
    if (this.#guard?.patterns('use')?.length === 0) this.#deny('use', '**');
    return this.#middleware.add(middleware, options, this.isHeld);
  }

  async *history(query: HistoryQuery = {}): AsyncGenerator<StoredEvent> {
    const pattern = this.#permitted('on', query.pattern ?? this.#guard?.patterns('on') ?? '**');
    if (pattern.length === 0) return;
    const assertNotOver = (): void => {
      if (this.#state === 'closed') throw new ScopeClosedError(this.source, 'history');
    };
    assertNotOver();
    for await (const stored of this.#host.history({ ...query, pattern })) {
      assertNotOver();
      if (this.hears?.(stored.event.type) !== false) yield stored;
    }
  }

  onDispose(cleanup: () => unknown): void {
    this.#assertOpen('onDispose');
    assertFunction('cleanup', cleanup);
    this.#cleanups.push(cleanup);
  }

  /** What was kept back begins: `before` retires at the same moment, and is to be ended with what this returns. */
  takeOverFrom(before: BusScope): readonly Registration[] {
    this.isHeld = false;
    return this.#host.takeOver(before, this, () => {
      before.#middleware.end();
      this.#middleware.release();
    });
  }

  /**
   * Takes away everything it has made; resolves when its running calls, those of the `retired` included, and its clean-ups
   * are over, or `timeoutMs` is. Whoever calls it once more may shorten that.
   */
  end(timeoutMs: number, retired: readonly Registration[] = []): Promise<void> {
    if (this.#end !== undefined) {
      this.#deadline?.within(timeoutMs);
      return this.#end;
    }
    const reason = new ScopeClosedError(this.source, 'this');
    const deadline = new Deadline(this.#host.clock, () => {
      this.#underWay.abort(reason);
      this.#middleware.abandon(reason);
      for (const { options } of retired) options?.supervisor?.stop();
    });
    this.#deadline = deadline;
    let done!: () => void;
    // First, as who is told that something of it ends may end it, too.
    this.#end = new Promise((resolve) => {
      done = resolve;
    });
    deadline.within(timeoutMs);
    void this.#endAll(reason, deadline, retired).then(done);
    return this.#end;
  }

  async #endAll(reason: ScopeClosedError, deadline: Deadline, retired: readonly Registration[]): Promise<void> {
    const own = [...this.registrations, ...this.#waits];
    this.#state = 'ending';
    for (const registration of own) registration.options?.supervisor?.flush(registration);
    for (const registration of own) this.#host.remove(registration);
    this.#middleware.end();
    this.clock.end();
    this.#controller.abort(reason);
    const calls = Promise.all([...[...own, ...retired].map(drained), this.#middleware.settled()]);
    await Promise.race([calls, deadline.over]);
    for (const cleanup of this.#cleanups.splice(0).reverse()) await Promise.race([this.#clean(cleanup), deadline.over]);
    deadline.clear();
    for (const request of this.#asking) request.fail(reason);
    this.#state = 'closed';
  }

  async #clean(cleanup: () => unknown): Promise<void> {
    try {
      await cleanup();
    } catch (error) {
      this.#host.failed(this.source, error);
    }
  }

  #subscribe(
    pattern: string | readonly string[],
    handler: AnyHandler,
    given: SubscribeOptions | undefined,
    answers: boolean,
  ): Subscription {
    assertFunction('handler', handler);
    const own: AnyHandler = (events, delivery: LiveEmission | Call | Batch) =>
      handler(
        events,
        delivery instanceof Batch ? new ScopedBatchDelivery(this, delivery) : new ScopedDelivery(this, delivery),
      );
    const options = ownCursor(this.source, publicOptions(given));
    return this.#host.subscribe(pattern, own, { ...options, owner: this, given: handler }, answers);
  }

  #calls(): CallHost {
    const { calls } = this.#host;
    const owner: Owner = { source: this.source, hears: this.hears, registrations: this.#waits, isHeld: false };
    return {
      // Not the scope's: it ends its own timer itself, and says so when the scope is closed.
      clock: calls.clock,
      closed: (operation) => (this.isOpen ? calls.closed(operation) : new ScopeClosedError(this.source, operation)),
      on: (patterns, handler, { ended, ...options }) =>
        this.#host.subscribe(patterns, handler, { ...publicOptions(options), ended, owner }, false),
      dropped: (event) => calls.dropped(event),
    };
  }

  #emitWhole(given: EventInit): Emission {
    // Read once: what is checked is what is emitted.
    const init = { ...given };
    assertEventType(init.type);
    const { type, source = this.source } = init;
    if (source !== this.source) {
      const why = `its events bear its own name, not "${source}"`;
      this.#refuse('emit', new PermissionError(this.source, 'emit', type, why, 'Leave source out'));
    }
    if (this.#guard?.allows('emit', type) === false) this.#deny('emit', type);
    if (init.replay !== undefined && this.#guard?.isLimited === true) {
      const why = 'events of the past meet neither middleware nor schemas, and are for its host to emit';
      this.#refuse('emit', new PermissionError(this.source, 'emit', type, why, 'Leave replay out'));
    }
    return new ScopedEmission(this.#host.emitWhole(this.origin, init));
  }

  #assertOpen(operation: string): void {
    if (!this.isOpen) throw new ScopeClosedError(this.source, operation);
  }

  /** The patterns, read once: what is checked is what is subscribed. @throws PermissionError, InvalidPatternError */
  #permitted<P extends string | readonly string[]>(action: ScopeAction, pattern: P): P {
    if (this.#guard === undefined) return pattern;
    const own = Array.isArray(pattern) ? (Object.freeze([...pattern]) as unknown as P) : pattern;
    // A bad pattern is told as such, and not as one that is not allowed.
    compilePattern(own);
    const error = this.#guard.refusal(action, typeof own === 'string' ? [own] : own);
    if (error !== undefined) this.#refuse(action, error);
    return own;
  }

  #deny(action: ScopeAction, type: string): never {
    // What is no type is told as such.
    if (action !== 'use') assertEventType(type);
    return this.#refuse(action, this.#guard?.refusal(action, [type]) as PermissionError);
  }

  #refuse(action: ScopeAction, error: PermissionError): never {
    this.#host.denied(action, error);
    throw error;
  }
}
