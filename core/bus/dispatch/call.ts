import { callSettled, GONE, type Registration } from '../router/subscription.js';
import { Attempt } from './attempt.js';
import type { Batch } from './batch.js';
import type { Delivery, LiveEmission } from './delivery.js';
import { retryDelay } from './retry.js';
import type { Supervisor } from './supervisor.js';
import type { Tier } from './tier.js';

/** One attempt of one handler at one event, where more than a plain call was asked for; also what the handler gets as delivery. */
export class Call extends Attempt implements Delivery {
  /** Calls wait in order, whatever the priority of their events. */
  readonly priority = 0;
  readonly emission: LiveEmission;
  /** What it is made in, together with others. */
  batch: Batch | undefined;
  /** Since when it waits for others, by the precise clock, in ms. */
  waitsSince = 0;
  /** The first attempt, which knows who waits for all of them. */
  readonly #first: Call;
  #tier: Tier | undefined;
  #begun = false;
  /** Whether the last attempt is over. */
  #ended = false;
  #startedAt = 0;

  constructor(supervisor: Supervisor, registration: Registration, emission: LiveEmission, before?: Call) {
    super(supervisor, registration, (before === undefined ? (emission.place?.attempts ?? 0) : before.attempt) + 1);
    this.emission = emission;
    this.batch = undefined;
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

  override get signal(): AbortSignal {
    return this.batch === undefined ? super.signal : this.batch.signal;
  }

  /** Whether the last attempt is over. */
  get isOver(): boolean {
    return this.#first.#ended;
  }

  /** Whether it may be made: not when unsubscribed, aborted or cancelled (D4, D6). */
  get isWanted(): boolean {
    const { registration, emission } = this;
    if (registration.state === GONE && !this.supervisor.draining) return false;
    if (this.#isElsewhere) return false;
    return registration.options?.signal?.aborted !== true && !emission.event.cancelled;
  }

  /** Has `tier` wait until the last attempt is over. */
  join(tier: Tier): void {
    this.#tier = tier;
    tier.hold();
  }

  run(): void {
    this.begin();
    this.make();
  }

  /** Counts as made from now on. */
  begin(): void {
    const { registration, emission } = this;
    if (this.#first === this) {
      this.#begun = true;
      registration.running++;
      emission.delivered++;
    }
    this.#startedAt = this.supervisor.host.outcomes.started(registration, emission, this.attempt);
  }

  /** The same call for another handler, before this one ends. */
  passOn(supervisor: Supervisor, registration: Registration): Call {
    const next = new Call(supervisor, registration, this.emission);
    next.waitsSince = this.waitsSince;
    if (this.#tier !== undefined) next.join(this.#tier);
    return next;
  }

  /** Ends a call that waits for its turn. */
  skip(): void {
    this.leave();
    if (this.#isPostponed) this.emission.postpone();
    this.#end();
    this.#settleLater();
  }

  giveUp(error: unknown): void {
    this.leave();
    if (this.#isPostponed) this.#postpone();
    else this.#failedForGood(error, this.attempt - 1);
    this.#settleLater();
  }

  /** It went well; `settle` is still to be called. */
  succeed(value: unknown): void {
    const { host, answers } = this.supervisor;
    host.outcomes.succeeded(this.registration, this.emission, this.#startedAt);
    if (answers) this.emission.answer({ ok: true, value });
    this.#end();
  }

  /** It went wrong: returns the call that is to be made after the delay; where there is none, `settle` is still to be called. */
  fail(error: unknown, delay: () => number | undefined): Call | undefined {
    const { registration, emission, attempt } = this;
    const { outcomes } = this.supervisor.host;
    outcomes.attemptFailed(registration, emission, this.#startedAt, error);
    const delayMs = this.isWanted || this.#isPostponed ? delay() : undefined;
    // `retryIf` may have unsubscribed or cancelled, and so may an observer that is told.
    const isRetried = delayMs !== undefined && this.isWanted;
    if (isRetried) outcomes.retried(registration, emission, error, attempt, delayMs);
    if (isRetried && this.isWanted) {
      const { place } = emission;
      if (place !== undefined) registration.options?.feed?.retrying(place.offset, attempt, delayMs);
      return new Call(this.supervisor, registration, emission, this);
    }
    if (delayMs !== undefined && this.#isPostponed) this.#postpone();
    else this.#failedForGood(error, attempt);
    return undefined;
  }

  /** Has those go on who waited for the last attempt. */
  settle(): void {
    const first = this.#first;
    // Who was not called has not cancelled.
    first.#tier?.settle(first.#begun ? this.registration : undefined);
  }

  protected invoke(): unknown {
    const { handler } = this.registration;
    return handler(this.emission.event, this);
  }

  protected succeeded(value: unknown): void {
    this.succeed(value);
    this.settle();
  }

  protected failed(error: unknown): void {
    const { supervisor } = this;
    let delayMs: number | undefined;
    const again = this.fail(error, () => {
      delayMs = retryDelay(supervisor.retry, this.attempt, error);
      return delayMs;
    });
    if (again === undefined || delayMs === undefined) this.settle();
    else supervisor.again(again, delayMs, error);
  }

  /** What ends a call that is not being made may be a handler, which is not to be interrupted (D5). */
  #settleLater(): void {
    if (this.#first.#tier !== undefined) void Promise.resolve().then(() => this.settle());
  }

  /** Whether the event will be read from the store again, when somebody subscribes again, or by another node. */
  get #isPostponed(): boolean {
    return this.emission.place !== undefined && (this.registration.state === GONE || this.#isElsewhere);
  }

  /** Whether another node may have the turn in which the event was read from the store. */
  get #isElsewhere(): boolean {
    const { place } = this.emission;
    return place !== undefined && (place.turn.isOver || this.registration.options?.feed?.isAway === true);
  }

  #postpone(): void {
    this.emission.postpone();
    this.#end();
  }

  #failedForGood(error: unknown, attempts: number): void {
    const { registration, emission } = this;
    const { host, answers } = this.supervisor;
    // Who asked is told, and it is theirs to handle.
    const isTold = answers && emission.answer({ ok: false, error });
    host.outcomes.failed(registration, emission, error, attempts, isTold);
    this.#end();
  }

  /** Lets the next in line begin. */
  #end(): void {
    const { registration, emission } = this;
    const first = this.#first;
    first.#ended = true;
    if (!first.#begun) return;
    // Who settles before those go on who wait for this one has not cancelled.
    if (emission.event.cancelled) emission.canceller = registration;
    registration.running--;
    // A batch says itself when all of its calls are over.
    if (this.batch === undefined && this.supervisor.advance(registration)) callSettled(registration);
  }
}
