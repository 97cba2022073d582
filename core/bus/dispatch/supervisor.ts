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
import type { UnderWay } from './under-way.js';

/** What supervised calls need of the dispatcher. */
export interface SupervisorHost {
  readonly clock: Clock;
  readonly outcomes: Outcomes;
  readonly underWay: UnderWay;
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
  readonly #again = new Map<Call, { timer: unknown; readonly error: unknown }>();
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
    this.timeoutMs = timeoutMs === Number.POSITIVE_INFINITY ? undefined : timeoutMs;
    this.answers = answers;
    this.#concurrency = concurrency;
    this.#maxQueue = maxQueue;
    this.#overflow = overflow;
  }

  /** Makes a call, or puts it in line; undefined when it is over already. */
  start(registration: Registration, emission: LiveEmission): Call | undefined {
    const call = new Call(this, registration, emission);
    // Those in line are before it, even when one of them has just ended and emitted it.
    if (registration.running < this.#concurrency && this.#line.size === 0) call.run();
    else this.#wait(call);
    return call.isOver ? undefined : call;
  }

  again(call: Call, delayMs: number, error: unknown): void {
    const { place } = call.emission;
    if (place !== undefined) call.registration.options?.feed?.retrying(place.offset, call.attempt - 1, delayMs);
    const waiting = { timer: undefined as unknown, error };
    this.#again.set(call, waiting);
    waiting.timer = this.host.clock.setTimeout(() => {
      this.#again.delete(call);
      if (call.isWanted) this.host.resume(call);
      else call.giveUp(error);
    }, delayMs);
  }

  /** Begins with those who have waited longest, now that a call has ended; true when none is under way or waits. */
  advance(registration: Registration): boolean {
    if (!this.#advancing) {
      this.#advancing = true;
      while (this.#line.size > 0 && registration.running < this.#concurrency) {
        const call = this.#line.shift() as Call;
        if (call.isWanted) this.host.resume(call);
        else call.skip();
      }
      this.#advancing = false;
    }
    const isDone = registration.running === 0 && this.#line.size === 0;
    if (isDone) this.host.draining.delete(this);
    return isDone;
  }

  /** Has what waits called even when the subscription is gone. */
  drain(): void {
    this.draining = true;
    this.host.draining.add(this);
  }

  /** Gives the calls that wait for their turn to another one, which is to `advance` then. */
  leaveTo(heir: Supervisor, registration: Registration): void {
    for (let call = this.#line.shift(); call !== undefined; call = this.#line.shift()) {
      heir.#line.push(call.passOn(heir, registration));
      call.skip();
    }
  }

  /** Whoever drained it wants no more of it, or the bus is closed: nothing is called any more. */
  stop(): void {
    this.draining = false;
    this.host.draining.delete(this);
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

  #wait(call: Call): void {
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
        call.skip();
        return;
      }
      const oldest = this.#overflow === 'dropOldest' ? this.#line.shift() : undefined;
      outcomes.discarded((oldest ?? call).emission, registration);
      (oldest ?? call).skip();
      if (oldest === undefined) return;
    }
    this.#line.push(call);
  }
}
