import { HandlerTimeoutError } from '../errors.js';
import { callSettled, GONE, handlerInfo, type Registration } from '../router/subscription.js';
import type { Delivery, LiveEmission } from './delivery.js';
import { retryDelay } from './retry.js';
import type { Supervisor } from './supervisor.js';
import { type Then, type Tier, thenOf, watch } from './tier.js';

/** One attempt of one handler at one event, where more than a plain call was asked for; also what the handler gets as delivery. */
export class Call implements Delivery {
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
  #over = false;
  #controller: AbortController | undefined;
  #timer: unknown;
  #startedAt = 0;

  constructor(supervisor: Supervisor, registration: Registration, emission: LiveEmission, before?: Call) {
    this.#supervisor = supervisor;
    this.registration = registration;
    this.emission = emission;
    this.attempt = before === undefined ? 1 : before.attempt + 1;
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

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (!this.#over) this.#supervisor.host.abortable.add(this.#controller);
    }
    return this.#controller.signal;
  }

  /** Has `tier` wait until the last attempt is over. */
  join(tier: Tier): void {
    this.#tier = tier;
    tier.hold();
  }

  /** Calls the handler; false when it is not over when this returns. */
  run(): boolean {
    const { registration, emission } = this;
    const { host, timeoutMs } = this.#supervisor;
    if (this.attempt === 1) {
      this.#begun = true;
      registration.running++;
      emission.delivered++;
    }
    this.#startedAt = host.outcomes.started(registration, emission, this.attempt);
    try {
      const returned = registration.handler(emission.event, this);
      const then = thenOf(returned, emission);
      if (then === undefined) return this.#succeeded(returned);
      if (timeoutMs !== undefined) this.#timer = host.clock.setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
      watch(
        returned,
        then,
        (value) => this.#over || this.#succeeded(value),
        (error) => this.#over || this.#failed(error),
      );
      return false;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Ends a call that waits for its turn. */
  skip(): void {
    this.#over = true;
    this.#end();
  }

  /** Ends a call that waits to be made again after `error`. */
  giveUp(error: unknown): void {
    this.#over = true;
    this.#failedForGood(error);
  }

  #timeOut(timeoutMs: number): void {
    const { registration, emission } = this;
    const error = new HandlerTimeoutError(handlerInfo(registration).name, emission.event.type, timeoutMs);
    this.#controller ??= new AbortController();
    this.#controller.abort(error);
    this.#failed(error);
  }

  #succeeded(value: unknown): true {
    this.#leave();
    const { host, answers } = this.#supervisor;
    host.outcomes.succeeded(this.registration, this.emission, this.#startedAt);
    if (answers) this.emission.answer({ ok: true, value });
    return this.#end();
  }

  #failed(error: unknown): boolean {
    this.#leave();
    const { registration, emission, attempt } = this;
    const { host, retry, draining } = this.#supervisor;
    host.outcomes.attemptFailed(registration, emission, this.#startedAt, error);
    const isWanted = (registration.state !== GONE || draining) && !emission.event.cancelled;
    const delayMs = isWanted ? retryDelay(retry, attempt, error) : undefined;
    if (delayMs === undefined) return this.#failedForGood(error);
    host.outcomes.retried(registration, emission, error, attempt, delayMs);
    this.#supervisor.again(new Call(this.#supervisor, registration, emission, this), delayMs, error);
    return false;
  }

  #failedForGood(error: unknown): true {
    const { registration, emission, attempt } = this;
    const { host, answers } = this.#supervisor;
    // Who asked is told, and it is theirs to handle.
    const isTold = answers && emission.answer({ ok: false, error });
    host.outcomes.failed(registration, emission, error, attempt, isTold);
    return this.#end();
  }

  #leave(): void {
    const { host } = this.#supervisor;
    this.#over = true;
    if (this.#timer !== undefined) host.clock.clearTimeout(this.#timer);
    if (this.#controller !== undefined) host.abortable.delete(this.#controller);
  }

  /** Lets the next in line begin, then those go on who waited for this one. */
  #end(): true {
    const { registration } = this;
    const tier = this.#first.#tier;
    if (this.#first.#begun) {
      registration.running--;
      this.#supervisor.advance(registration);
      if (registration.running === 0) this.#supervisor.done();
      callSettled(registration);
    }
    tier?.settle(registration);
    return true;
  }
}
