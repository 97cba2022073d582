import type { StoredEvent } from '../border/history.js';
import type { RequestOptions } from '../calls/request.js';
import type { StreamOptions } from '../calls/stream.js';
import type { WaitOptions } from '../calls/wait.js';
import type { Clock } from '../clock.js';
import type { EmitOptions, EventInit } from '../dispatch/admit.js';
import type { Emission } from '../dispatch/delivery.js';
import type { Middleware, MiddlewareOptions } from '../dispatch/middleware.js';
import { assertDuration } from '../dispatch/queue-limits.js';
import type { BusEvent } from '../event/event.js';
import type { HistoryQuery } from '../ports.js';
import type { AnyHandler, OnOptions, Subscription } from '../router/subscription.js';
import type { UninstallOptions } from './plugin.js';
import type { BusScope } from './scope.js';

/** How long running calls and clean-ups are waited for by default. */
export const PATIENCE_MS = 5000;

/** A scope as it is handed out: nothing on it leads to the bus behind it. */
export class ScopeView {
  static {
    // Frameworks put proxies around plain objects that are made reactive, and private fields do not go through those.
    Object.defineProperty(ScopeView.prototype, Symbol.toStringTag, { value: 'EventScope' });
    if (Symbol.asyncDispose !== undefined) {
      Object.defineProperty(ScopeView.prototype, Symbol.asyncDispose, { value: ScopeView.prototype.close });
    }
  }

  readonly #scope: BusScope;
  readonly #close: (timeoutMs: number) => Promise<void>;

  constructor(scope: BusScope, close: (timeoutMs: number) => Promise<void>) {
    this.#scope = scope;
    this.#close = close;
  }

  get source(): string {
    return this.#scope.source;
  }

  get clock(): Clock {
    return this.#scope.clock;
  }

  get nodeId(): string {
    return this.#scope.nodeId;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  emit(type: string | EventInit, data?: unknown, options?: EmitOptions): Emission {
    return this.#scope.emit(type, data, options);
  }

  on(pattern: string | readonly string[], handler: AnyHandler, options?: OnOptions): Subscription {
    return this.#scope.on(pattern, handler, options);
  }

  once(pattern: string | readonly string[], handler: AnyHandler, options?: OnOptions): Subscription {
    return this.#scope.on(pattern, handler, { ...options, once: true });
  }

  off(...which: [pattern?: string | readonly string[], handler?: AnyHandler]): void {
    this.#scope.off(...which);
  }

  respond(type: string, responder: AnyHandler, options?: OnOptions): Subscription {
    return this.#scope.respond(type, responder, options);
  }

  request(type: string, data?: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#scope.request(type, data, options);
  }

  waitFor(pattern: string | readonly string[], options?: WaitOptions): Promise<BusEvent> {
    return this.#scope.waitFor(pattern, options);
  }

  stream(pattern: string | readonly string[], options?: StreamOptions): AsyncIterableIterator<BusEvent> {
    return this.#scope.stream(pattern, options);
  }

  use(middleware: Middleware, options?: MiddlewareOptions): () => void {
    return this.#scope.use(middleware, options);
  }

  history(query?: HistoryQuery): AsyncIterableIterator<StoredEvent> {
    return this.#scope.history(query);
  }

  onDispose(cleanup: () => unknown): void {
    this.#scope.onDispose(cleanup);
  }

  close({ timeoutMs = PATIENCE_MS }: UninstallOptions = {}): Promise<void> {
    assertDuration('timeoutMs', timeoutMs);
    return this.#close(timeoutMs);
  }
}

/** A plugin's scope as its setup gets it. */
export class PluginView extends ScopeView {
  readonly name: string;
  readonly config: unknown;

  constructor(scope: BusScope, config: unknown, close: (timeoutMs: number) => Promise<void>) {
    super(scope, close);
    this.name = scope.source;
    this.config = config;
  }
}
