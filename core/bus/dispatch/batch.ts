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
  readonly emission: LiveEmission;
  #byEvent: Map<BusEvent, Call> | undefined;
  /** The handler has not returned yet. */
  #isBeingMade = false;

  constructor(supervisor: Supervisor, registration: Registration, calls: readonly Call[], error?: unknown) {
    const last = calls[calls.length - 1] as Call;
    super(supervisor, registration, last.attempt);
    this.emission = last.emission;
    this.#calls = calls;
    this.#error = error;
    for (const call of calls) call.batch = this;
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
    const unwanted = this.#calls.filter((call) => !call.isWanted);
    this.#calls = this.#calls.filter((call) => call.isWanted);
    for (const call of unwanted) call.giveUp(this.#error);
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
    else supervisor.again(new Batch(supervisor, registration, again, error), delayMs, error);
    this.#settle(over);
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
