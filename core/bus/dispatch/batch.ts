import { InvalidOptionError } from '../errors.js';
import type { BusEvent } from '../event/event.js';
import { callSettled, type Registration } from '../router/subscription.js';
import { Attempt } from './attempt.js';
import type { Call } from './call.js';
import type { BatchDelivery, Delivery, LiveEmission } from './delivery.js';
import { retryDelay } from './retry.js';
import type { Supervisor } from './supervisor.js';

/** Calls of one handler that are made as one, with their events in a list; also what the handler gets as delivery (Q5). */
export class Batch extends Attempt implements BatchDelivery {
  #calls: readonly Call[];
  /** What the attempt before this one failed with. */
  readonly #error: unknown;
  #byEvent: Map<BusEvent, Call> | undefined;
  /** The handler has not returned yet. */
  #isBeingMade = false;

  constructor(supervisor: Supervisor, registration: Registration, calls: readonly Call[], error?: unknown) {
    super(supervisor, registration, (calls[0] as Call).attempt);
    this.#calls = calls;
    this.#error = error;
    for (const call of calls) call.batch = this;
  }

  get emission(): LiveEmission {
    return (this.#calls[this.#calls.length - 1] as Call).emission;
  }

  get emit(): Delivery['emit'] {
    return this.emission.emit;
  }

  get request(): Delivery['request'] {
    return this.emission.request;
  }

  of(event: BusEvent): Call {
    this.#byEvent ??= new Map(this.#calls.map((call) => [call.emission.event, call]));
    const call = this.#byEvent.get(event);
    if (call === undefined) throw new InvalidOptionError('event', event, 'one of the events of this batch');
    return call;
  }

  get isWanted(): boolean {
    return this.#calls.some((call) => call.isWanted);
  }

  run(): void {
    // Who is told of what is left out may cancel more, or unsubscribe.
    for (let left = this.#leaveOut(); left.length > 0; left = this.#leaveOut()) {
      for (const call of left) call.giveUp(this.#error);
    }
    if (this.#calls.length === 0) {
      this.leave();
      this.#end();
      return;
    }
    for (const call of this.#calls) call.begin();
    this.#isBeingMade = true;
    this.make();
    this.#isBeingMade = false;
  }

  giveUp(error: unknown): void {
    this.leave();
    for (const call of this.#calls) call.giveUp(error);
    this.#end();
  }

  protected invoke(): unknown {
    const { handler } = this.registration;
    return handler(
      this.#calls.map((call) => call.emission.event),
      this,
    );
  }

  protected succeeded(): void {
    for (const call of this.#calls) call.succeed(undefined);
    this.#end();
    this.#settle(this.#calls);
  }

  protected failed(error: unknown): void {
    const { supervisor, registration, attempt } = this;
    let asked = false;
    let delayMs: number | undefined;
    const delay = (): number | undefined => {
      if (!asked) delayMs = retryDelay(supervisor.retry, attempt, error);
      asked = true;
      return delayMs;
    };
    const again: Call[] = [];
    const over: Call[] = [];
    for (const call of this.#calls) {
      const next = call.fail(error, delay);
      if (next === undefined) over.push(call);
      else again.push(next);
    }
    if (again.length === 0 || delayMs === undefined) this.#end();
    else this.#again(new Batch(supervisor, registration, again, error), delayMs, error);
    this.#settle(over);
  }

  #again(next: Batch, delayMs: number, error: unknown): void {
    // Who was told of one that has failed for good may have unsubscribed.
    if (next.isWanted) this.supervisor.again(next, delayMs, error);
    else next.giveUp(error);
  }

  /** Takes away the calls that are not to be made any more. */
  #leaveOut(): readonly Call[] {
    const left: Call[] = [];
    this.#calls = this.#calls.filter((call) => call.isWanted || left.push(call) === 0);
    return left;
  }

  #end(): void {
    if (this.supervisor.batchEnded(this.registration)) callSettled(this.registration);
  }

  /** Has those go on who waited: not while the last event is still being offered to its handlers (D5). */
  #settle(calls: readonly Call[]): void {
    const settle = (): void => {
      for (const call of calls) call.settle();
    };
    if (this.#isBeingMade) void Promise.resolve().then(settle);
    else settle();
  }
}
