import type { Clock } from '../clock.js';
import { QueueFullError } from '../errors.js';
import {
  handlerInfo,
  type OnOptions,
  type Overflow,
  type Registration,
  type RetryOptions,
} from '../router/subscription.js';
import { Call } from './call.js';
import type { LiveEmission } from './delivery.js';
import type { Outcomes } from './outcomes.js';
import { EventQueue } from './queue.js';
import { assertCount, assertDuration, assertOverflow } from './queue-limits.js';
import { assertRetry } from './retry.js';

/** What supervised calls need of the dispatcher. */
export interface SupervisorHost {
  readonly clock: Clock;
  readonly outcomes: Outcomes;
  /** What is to be aborted when the bus can wait no longer. */
  readonly abortable: Set<AbortController>;
  /** Those whose subscription is gone while they have still something to do. */
  readonly draining: Set<Supervisor>;
  /** Makes a call that waited, as dispatch makes it. */
  resume(call: Call): void;
}

/** Stands over the calls of a subscription that asks for retries, a time limit, a number of calls at a time, or answers. */
export class Supervisor {
  readonly host: SupervisorHost;
  readonly retry: RetryOptions | undefined;
  readonly timeoutMs: number | undefined;
  /** Whether what the handler returns answers a request. */
  readonly answers: boolean;
  readonly #concurrency: number;
  readonly #maxQueue: number;
  readonly #overflow: Overflow;
  readonly #line = new EventQueue<Call>();
  /** Calls that will be made again, with why and when. */
  readonly #again = new Map<Call, { readonly timer: unknown; readonly error: unknown }>();
  #advancing = false;
  draining = false;

  /** @throws InvalidOptionError */
  constructor(host: SupervisorHost, options: OnOptions, retry: RetryOptions | undefined, answers: boolean) {
    const { timeoutMs, concurrency = Number.POSITIVE_INFINITY, maxQueue = 10_000, overflow = 'reject' } = options;
    assertDuration('timeoutMs', timeoutMs);
    assertCount('concurrency', concurrency, 1);
    assertCount('maxQueue', maxQueue, 0);
    assertOverflow('overflow', overflow);
    if (options.retry !== undefined) assertRetry(options.retry);
    this.host = host;
    this.retry = options.retry ?? retry;
    this.timeoutMs = timeoutMs;
    this.answers = answers;
    this.#concurrency = concurrency;
    this.#maxQueue = maxQueue;
    this.#overflow = overflow;
  }

  /** Makes a call, or puts it in line; undefined when it is over already. */
  start(registration: Registration, emission: LiveEmission): Call | undefined {
    const call = new Call(this, registration, emission);
    if (registration.running < this.#concurrency) return call.run() ? undefined : call;
    return this.#wait(call) ? call : undefined;
  }

  again(call: Call, delayMs: number, error: unknown): void {
    const timer = this.host.clock.setTimeout(() => {
      this.#again.delete(call);
      if (call.emission.event.cancelled) call.giveUp(error);
      else this.host.resume(call);
    }, delayMs);
    this.#again.set(call, { timer, error });
  }

  /** Begins with those who have waited longest, now that calls have ended. */
  advance(registration: Registration): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#line.size > 0 && registration.running < this.#concurrency) {
      const call = this.#line.shift() as Call;
      if (call.emission.event.cancelled) call.skip();
      else this.host.resume(call);
    }
    this.#advancing = false;
  }

  /** Has what waits called even when the subscription is gone. */
  drain(): void {
    this.draining = true;
    this.host.draining.add(this);
  }

  /** A drained supervisor has nothing left to do. */
  done(): void {
    this.host.draining.delete(this);
  }

  /** The bus is closed: nothing is called any more. */
  stop(): void {
    this.draining = false;
    this.done();
    this.end();
  }

  /** The subscription is gone: what waits is not called any more. */
  end(): void {
    if (this.draining) return;
    for (let call = this.#line.shift(); call !== undefined; call = this.#line.shift()) call.skip();
    for (const [call, { timer, error }] of this.#again) {
      this.host.clock.clearTimeout(timer);
      this.#again.delete(call);
      call.giveUp(error);
    }
  }

  /** True when the call is in line now. */
  #wait(call: Call): boolean {
    const { outcomes } = this.host;
    if (this.#line.size >= this.#maxQueue) {
      const { registration, emission } = call;
      if (this.#overflow === 'reject') {
        const error = new QueueFullError(
          emission.event.type,
          this.#maxQueue,
          `the queue of "${handlerInfo(registration).name}"`,
        );
        outcomes.failed(registration, emission, error, 0, this.answers && emission.answer({ ok: false, error }));
        return false;
      }
      const oldest = this.#overflow === 'dropOldest' ? this.#line.shift() : undefined;
      outcomes.discarded((oldest ?? call).emission, registration);
      if (oldest === undefined) return false;
      oldest.skip();
    }
    this.#line.push(call);
    return true;
  }
}
