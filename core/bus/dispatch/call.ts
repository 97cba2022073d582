import { HandlerTimeoutError } from '../errors.js';
import { callSettled, GONE, handlerInfo, type Registration } from '../router/subscription.js';
import type { Delivery, LiveEmission } from './delivery.js';
import { retryDelay } from './retry.js';
import type { Supervisor } from './supervisor.js';
import { type Tier, thenOf, watch } from './tier.js';
import type { Abortable } from './under-way.js';

/** One attempt of one handler at one event, where more than a plain call was asked for; also what the handler gets as delivery. */
export class Call implements Delivery, Abortable {
  /** Calls wait in order, whatever the priority of their events. */
  readonly priority = 0;
  readonly attempt: number;
  readonly registration: Registration;
  readonly emission: LiveEmission;
  readonly #supervisor: Supervisor;
  /** The first attempt, which knows who waits for all of them. */
  readonly #first: Call;
  #tier: Tier | undefined;
  #begun = false;
  /** Whether this attempt is over. */
  #over = false;
  /** Whether the last attempt is. */
  #ended = false;
  #controller: AbortController | undefined;
  #timer: unknown;
  #startedAt = 0;

  constructor(supervisor: Supervisor, registration: Registration, emission: LiveEmission, before?: Call) {
    this.#supervisor = supervisor;
    this.registration = registration;
    this.emission = emission;
    this.attempt = (before === undefined ? (emission.place?.attempts ?? 0) : before.attempt) + 1;
    this.#first = before === undefined ? this : before.#first;
  }

  get emit(): Delivery['emit'] {
    return this.emission.emit;
  }

  get request(): Delivery['request'] {
    return this.emission.request;
  }

  get node(): string {
    return this.emission.node;
  }

  get key(): string | undefined {
    return this.emission.key;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (!this.#over) this.#supervisor.host.underWay.add(this);
    }
    return this.#controller.signal;
  }

  /** Whether the last attempt is over. */
  get isOver(): boolean {
    return this.#first.#ended;
  }

  /** Whether it may be made: not when unsubscribed, aborted or cancelled (D4, D6). */
  get isWanted(): boolean {
    const { registration, emission } = this;
    if (registration.state === GONE && !this.#supervisor.draining) return false;
    if (this.#isElsewhere) return false;
    return registration.options?.signal?.aborted !== true && !emission.event.cancelled;
  }

  /** Has `tier` wait until the last attempt is over. */
  join(tier: Tier): void {
    this.#tier = tier;
    tier.hold();
  }

  run(): void {
    const { registration, emission } = this;
    const { host, timeoutMs } = this.#supervisor;
    if (this.#first === this) {
      this.#begun = true;
      registration.running++;
      emission.delivered++;
    }
    this.#startedAt = host.outcomes.started(registration, emission, this.attempt);
    try {
      const { handler } = registration;
      const returned = handler(emission.event, this);
      const then = thenOf(returned, emission);
      if (then === undefined) this.#succeeded(returned);
      else {
        if (timeoutMs !== undefined) this.#limit(timeoutMs);
        watch(
          returned,
          then,
          (value) => this.#over || this.#succeeded(value),
          (error) => this.#over || this.#failed(error),
        );
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The bus waits no longer. */
  abort(reason: unknown): void {
    if (this.#timer !== undefined) this.#supervisor.host.clock.clearTimeout(this.#timer);
    this.#controller?.abort(reason);
  }

  /** The same call for another handler, before this one ends. */
  passOn(supervisor: Supervisor, registration: Registration): Call {
    const next = new Call(supervisor, registration, this.emission);
    if (this.#tier !== undefined) next.join(this.#tier);
    return next;
  }

  /** Ends a call that waits for its turn. */
  skip(): void {
    this.#over = true;
    this.#end(true);
  }

  /** Ends a call that waits to be made again after `error`. */
  giveUp(error: unknown): void {
    this.#over = true;
    if (this.#isPostponed) this.#postpone(true);
    else this.#failedForGood(error, this.attempt - 1, true);
  }

  /** Whether the event will be read from the store again, when somebody subscribes again, or by another node. */
  get #isPostponed(): boolean {
    return this.emission.place !== undefined && (this.registration.state === GONE || this.#isElsewhere);
  }

  /** Whether another node may have the turn in which the event was read from the store. */
  get #isElsewhere(): boolean {
    return this.emission.place !== undefined && this.registration.options?.feed?.isAway === true;
  }

  #postpone(isUncalled: boolean): void {
    this.emission.postpone();
    this.#end(isUncalled);
  }

  #limit(timeoutMs: number): void {
    const { host } = this.#supervisor;
    this.#timer = host.clock.setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
    host.underWay.add(this);
  }

  #timeOut(timeoutMs: number): void {
    const { registration, emission } = this;
    const error = new HandlerTimeoutError(handlerInfo(registration).name, emission.event.type, timeoutMs);
    this.#controller ??= new AbortController();
    this.#controller.abort(error);
    this.#failed(error);
  }

  #succeeded(value: unknown): void {
    this.#leave();
    const { host, answers } = this.#supervisor;
    host.outcomes.succeeded(this.registration, this.emission, this.#startedAt);
    if (answers) this.emission.answer({ ok: true, value });
    this.#end();
  }

  #failed(error: unknown): void {
    this.#leave();
    const { registration, emission, attempt } = this;
    const { host, retry } = this.#supervisor;
    host.outcomes.attemptFailed(registration, emission, this.#startedAt, error);
    const delayMs = this.isWanted || this.#isPostponed ? retryDelay(retry, attempt, error) : undefined;
    // `retryIf` may have unsubscribed or cancelled, and so may an observer that is told.
    const isRetried = delayMs !== undefined && this.isWanted;
    if (isRetried) host.outcomes.retried(registration, emission, error, attempt, delayMs);
    if (isRetried && this.isWanted) {
      this.#supervisor.again(new Call(this.#supervisor, registration, emission, this), delayMs, error);
    } else if (delayMs !== undefined && this.#isPostponed) this.#postpone(false);
    else this.#failedForGood(error, attempt);
  }

  #failedForGood(error: unknown, attempts: number, isUncalled = false): void {
    const { registration, emission } = this;
    const { host, answers } = this.#supervisor;
    // Who asked is told, and it is theirs to handle.
    const isTold = answers && emission.answer({ ok: false, error });
    host.outcomes.failed(registration, emission, error, attempts, isTold);
    this.#end(isUncalled);
  }

  #leave(): void {
    const { host } = this.#supervisor;
    this.#over = true;
    if (this.#timer !== undefined) host.clock.clearTimeout(this.#timer);
    host.underWay.delete(this);
  }

  /** Lets the next in line begin, then those go on who waited for this one. */
  #end(isUncalled = false): void {
    const { registration } = this;
    const first = this.#first;
    first.#ended = true;
    if (first.#begun) {
      registration.running--;
      if (this.#supervisor.advance(registration)) callSettled(registration);
    }
    const tier = first.#tier;
    // Who was not called has not cancelled.
    const settle = (): void => tier?.settle(first.#begun ? registration : undefined);
    // What ends a call that is not being made may be a handler, which is not to be interrupted (D5).
    if (isUncalled && tier !== undefined) void Promise.resolve().then(settle);
    else settle();
  }
}
