import { HandlerTimeoutError } from '../errors.js';
import { handlerInfo, type Registration } from '../router/subscription.js';
import type { LiveEmission } from './delivery.js';
import type { Supervisor } from './supervisor.js';
import { thenOf, watch } from './tier.js';
import type { Abortable } from './under-way.js';

/** One call of a supervised handler: how long it may take, and how it is told that nobody waits for it any more. */
export abstract class Attempt implements Abortable {
  readonly attempt: number;
  readonly registration: Registration;
  protected readonly supervisor: Supervisor;
  #over = false;
  #controller: AbortController | undefined;
  #timer: unknown;

  constructor(supervisor: Supervisor, registration: Registration, attempt: number) {
    this.supervisor = supervisor;
    this.registration = registration;
    this.attempt = attempt;
  }

  /** What is handled; of several events, the last. */
  abstract get emission(): LiveEmission;
  /** Whether it may be made. */
  abstract get isWanted(): boolean;
  abstract run(): void;
  /** Ends one that waits to be made again after `error`. */
  abstract giveUp(error: unknown): void;

  protected abstract invoke(): unknown;
  protected abstract succeeded(value: unknown): void;
  protected abstract failed(error: unknown): void;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (!this.#over) this.supervisor.host.underWay.add(this);
    }
    return this.#controller.signal;
  }

  /** The bus waits no longer. */
  abort(reason: unknown): void {
    if (this.#timer !== undefined) this.supervisor.host.clock.clearTimeout(this.#timer);
    this.#controller?.abort(reason);
  }

  /** Calls the handler, and is over with what that returns or throws. */
  protected make(): void {
    const { timeoutMs } = this.supervisor;
    try {
      const returned = this.invoke();
      const then = thenOf(returned, this.emission);
      if (then === undefined) this.#succeed(returned);
      else {
        if (timeoutMs !== undefined) this.#limit(timeoutMs);
        watch(
          returned,
          then,
          (value) => this.#over || this.#succeed(value),
          (error) => this.#over || this.#fail(error),
        );
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** It is over, made or not. */
  protected leave(): void {
    const { host } = this.supervisor;
    this.#over = true;
    if (this.#timer !== undefined) host.clock.clearTimeout(this.#timer);
    host.underWay.delete(this);
  }

  #succeed(value: unknown): void {
    this.leave();
    this.succeeded(value);
  }

  #fail(error: unknown): void {
    this.leave();
    this.failed(error);
  }

  #limit(timeoutMs: number): void {
    const { host } = this.supervisor;
    this.#timer = host.clock.setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
    host.underWay.add(this);
  }

  #timeOut(timeoutMs: number): void {
    const { type } = this.emission.event;
    const error = new HandlerTimeoutError(handlerInfo(this.registration).name, type, timeoutMs);
    this.#controller ??= new AbortController();
    this.#controller.abort(error);
    this.#fail(error);
  }
}
