import type { Clock } from '../clock.js';
import { QueueFullError } from '../errors.js';
import {
  handlerInfo,
  type Overflow,
  type Registration,
  type RetryOptions,
  type SubscribeOptions,
} from '../router/subscription.js';
import type { Attempt } from './attempt.js';
import { Batch } from './batch.js';
import { Batching } from './batching.js';
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
  resume(attempt: Attempt): void;
}

/** Stands over the calls of a subscription that asks for retries, a time limit, a number of calls at a time, batches, or answers. */
export class Supervisor {
  readonly host: SupervisorHost;
  readonly retry: RetryOptions | undefined;
  readonly timeoutMs: number | undefined;
  /** Whether what the handler returns answers a request. */
  readonly answers: boolean;
  readonly #concurrency: number;
  readonly #maxQueue: number;
  readonly #overflow: Overflow;
  readonly #batching: Batching | undefined;
  readonly #line = new EventQueue<Call>();
  /** What will be tried again, with why and when. */
  readonly #again = new Map<Attempt, { timer: unknown; readonly error: unknown }>();
  #advancing = false;
  draining = false;

  /** @throws InvalidOptionError */
  constructor(host: SupervisorHost, options: SubscribeOptions, retry: RetryOptions | undefined, answers: boolean) {
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
    if (options.batch !== undefined) this.#batching = new Batching(host.clock, options.batch);
    this.#maxQueue = maxQueue + (this.#batching?.size ?? 0);
    this.#overflow = overflow;
  }

  /** Whether calls are under way, or wait for one that is or for their batch. */
  isBusy(registration: Registration): boolean {
    return registration.running > 0 || this.#line.size > 0;
  }

  /** Makes a call, or puts it in line; undefined when it is over already. */
  start(registration: Registration, emission: LiveEmission): Call | undefined {
    const call = new Call(this, registration, emission);
    if (this.#batching !== undefined) {
      this.#wait(call);
      this.advance(registration);
      // Those in line are before it, even when one of them has just ended and emitted it.
    } else if (registration.running < this.#concurrency && this.#line.size === 0) call.run();
    else this.#wait(call);
    return call.isOver ? undefined : call;
  }

  again(attempt: Attempt, delayMs: number, error: unknown): void {
    const waiting = { timer: undefined as unknown, error };
    this.#again.set(attempt, waiting);
    waiting.timer = this.host.clock.setTimeout(() => {
      this.#again.delete(attempt);
      if (attempt.isWanted) this.host.resume(attempt);
      else attempt.giveUp(error);
    }, delayMs);
  }

  /** Begins with those who have waited longest, now that a call has ended; true when none is under way or waits. */
  advance(registration: Registration): boolean {
    if (!this.#advancing) {
      this.#advancing = true;
      while (this.#line.size > 0 && this.#hasTurn(registration)) {
        const next = this.#batching === undefined ? this.#wanted() : this.#nextBatch(this.#batching, registration);
        if (next !== undefined) this.host.resume(next);
      }
      this.#batching?.wait(this.#line.first, () => this.advance(registration));
      this.#advancing = false;
    }
    const isDone = !this.isBusy(registration);
    if (isDone) this.host.draining.delete(this);
    return isDone;
  }

  /** All calls of a batch are over; true when nothing else is under way or waits. */
  batchEnded(registration: Registration): boolean {
    if (this.#batching !== undefined) this.#batching.running--;
    return this.advance(registration);
  }

  /** Has what waits called even when the subscription is gone. */
  drain(registration: Registration): void {
    this.draining = true;
    this.host.draining.add(this);
    this.flush(registration);
  }

  /** Nothing waits for more of its batch any longer. */
  flush(registration: Registration): void {
    if (this.#batching === undefined || this.#line.size === 0) return;
    this.#batching.hurry();
    this.advance(registration);
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
    this.#batching?.wait(undefined, () => {});
    for (let call = this.#line.shift(); call !== undefined; call = this.#line.shift()) call.skip();
    for (const [attempt, { timer, error }] of this.#again) {
      this.host.clock.clearTimeout(timer);
      this.#again.delete(attempt);
      attempt.giveUp(error);
    }
  }

  #hasTurn({ running }: Registration): boolean {
    if (this.#batching === undefined) return running < this.#concurrency;
    if (this.#batching.running >= this.#concurrency) return false;
    return this.#batching.isRipe(this.#line.size, this.#line.first);
  }

  /** The next in line, unless that is not wanted any more. */
  #wanted(): Call | undefined {
    const call = this.#line.shift() as Call;
    if (call.isWanted) return call;
    call.skip();
    return undefined;
  }

  #nextBatch(batching: Batching, registration: Registration): Batch | undefined {
    const calls: Call[] = [];
    while (this.#line.size > 0 && calls.length < batching.size) {
      // What was read from the store may have failed before: a batch is tried again as one.
      if (calls[0] !== undefined && calls[0].attempt !== this.#line.first?.attempt) break;
      const call = this.#wanted();
      if (call !== undefined) calls.push(call);
    }
    if (calls.length === 0) return undefined;
    batching.running++;
    return new Batch(this, registration, calls);
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
    call.waitsSince = this.host.clock.precise();
    this.#line.push(call);
  }
}
