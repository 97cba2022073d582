import type { RequestOptions } from '../calls/request.js';
import { type BusEvent, EventEnvelope, type Instant, type Origin } from '../event/event.js';
import type { AnyEvents, DataArguments, DataOf, EventType, ReplyOf } from '../event/pattern-types.js';
import type { HandlerInfo } from '../inspection.js';
import type { StoredRef } from '../ports.js';
import type { Topic } from '../router/registry.js';
import { handlerInfo, type Registration } from '../router/subscription.js';
import type { EmitOptions } from './admit.js';
import type { Route } from './exit.js';
import type { EventFailure } from './failure.js';
import { LazyPromise } from './lazy-promise.js';
import type { Lineage } from './lineage.js';
import type { UnderWay } from './under-way.js';

/** What became of an event on this node. */
export interface EmitResult<E = BusEvent> {
  readonly event: E;
  /**
   * `delivered`, to however many there were; `cancelled` by a handler; `vetoed` by a middleware or schema; `expired`,
   * older than its `ttlMs` when its turn came; `dropped`, as the bus closed, a strict store refused it, or there was no
   * room. After `vetoed`, `expired` and `dropped` no handler was called.
   */
  readonly status: 'delivered' | 'cancelled' | 'vetoed' | 'expired' | 'dropped';
  /** Handlers that were called. */
  readonly delivered: number;
  /** Handlers, filters and middleware that failed for good; empty when all went well. */
  readonly failures: readonly EventFailure[];
  /** Who cancelled: of several asynchronous handlers of one priority, the first to settle after the cancel. */
  readonly cancelledBy: HandlerInfo | undefined;
  /** The middleware that vetoed, or `schema`. */
  readonly vetoedBy: string | undefined;
}

/** An emitted event and its outcome: await it for the result, which is never a rejection. */
export interface Emission<E = BusEvent> {
  readonly event: E;
  /** Makes an emission a `PromiseLike`; a property, so that linters do not take an emit nobody awaits for a mistake. */
  readonly then: PromiseLike<EmitResult<E>>['then'];
  /** Resolves when the event is committed to the store, with `undefined` when this bus does not store it; rejects when it could not be stored. */
  readonly persisted: Promise<StoredRef | undefined>;
}

/** A handler's second argument; not to be awaited, as the event is not settled before its handlers are. */
export interface Delivery<M = AnyEvents> {
  /** Emits an event caused by the one being handled: same correlation id, its id as causation id (E3). */
  readonly emit: <K extends EventType<M>>(
    type: K,
    ...rest: DataArguments<M[K], EmitOptions>
  ) => Emission<BusEvent<K, DataOf<M[K]>>>;
  /** Requests an answer to an event caused by the one being handled (R1). */
  readonly request: <K extends EventType<M>>(
    type: K,
    ...rest: DataArguments<M[K], RequestOptions>
  ) => Promise<ReplyOf<M[K]>>;
  /** Aborts when the handler's `timeoutMs` is over, and when the bus closes and has waited long enough. */
  readonly signal: AbortSignal;
  /** Counts the calls of this handler for this event from 1. */
  readonly attempt: number;
  /** Id of the node the event was emitted on; this one's for a local event. */
  readonly node: string;
  /**
   * The same for every delivery of one event to one durable subscription or group, and for no other: what makes its
   * effect happen once where it may be handled twice. Name, offset and event id; undefined for other subscriptions, and for
   * what is replayed.
   */
  readonly key: string | undefined;
}

/** The second argument of a handler that takes batches; not to be awaited. */
export interface BatchDelivery<M = AnyEvents> extends Pick<Delivery<M>, 'emit' | 'request' | 'signal' | 'attempt'> {
  /** Emits an event caused by the last of the batch; `of(event).emit` is for another one. */
  readonly emit: Delivery<M>['emit'];
  /**
   * What the handler would get with one event of the batch alone: its node, its `key`, and `emit` with it as the cause.
   *
   * @throws InvalidOptionError for an event that is not in the batch
   */
  of(event: BusEvent): Delivery<M>;
}

/** What is known of an event that was read from the store for a subscription. */
export interface StoredPlace {
  readonly offset: number;
  readonly key: string | undefined;
  /** Calls that failed before, on this node or another. */
  readonly attempts: number;
  /** In which it was read: over when another node has had one since. */
  readonly turn: { readonly isOver: boolean };
}

/** What an emission needs of the dispatcher that made it. */
export interface Emitter {
  readonly origin: Origin;
  readonly nodeId: string;
  readonly underWay: UnderWay;
  emit(origin: Origin, type: string, data: unknown, options?: EmitOptions, parent?: LiveEmission): Emission;
  request(
    origin: Origin,
    type: string,
    data: unknown,
    options?: RequestOptions,
    parent?: LiveEmission,
  ): Promise<unknown>;
  instant(): Instant;
}

/** What a responder says. */
export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

const noFailures: readonly EventFailure[] = Object.freeze([]);

/** What few emissions need. */
class Late {
  readonly lineage: Lineage | undefined;
  canceller: Registration | undefined = undefined;
  vetoer: string | undefined = undefined;
  ticket: LazyPromise<StoredRef | undefined> | undefined = undefined;
  /** It waits for middleware or a schema: whether it will be stored is not known. */
  passage: LazyPromise<void> | undefined = undefined;
  /** Where the event goes when it has passed. */
  route: Route = 'anywhere';
  /** Somebody awaits the emission: one promise for all of them, and what fulfils it. */
  waiting: Promise<EmitResult> | undefined = undefined;
  wake: ((result: EmitResult) => void) | undefined = undefined;
  controller: AbortController | undefined = undefined;
  answer: Answer | undefined = undefined;
  /** It is for some subscriptions alone, or for those with these names. */
  addressees: Topic | readonly string[] | undefined = undefined;
  place: StoredPlace | undefined = undefined;
  /** Its calls were given up to be made another time. */
  postponed = false;
  /** Commits of what its handlers have emitted. */
  owed: Promise<unknown>[] | undefined = undefined;
  /** Whether its last dead letter is kept. */
  letter: Promise<boolean> | undefined = undefined;
  /** Who waits for an answer; false when they do no longer. */
  asker: ((answer: Answer) => boolean) | undefined = undefined;

  constructor(lineage: Lineage | undefined) {
    this.lineage = lineage;
  }
}

/** The emission, which is also what its handlers get as delivery: one object fewer for every event. */
export class LiveEmission implements Emission, Delivery {
  /** Another one after a middleware has changed it. */
  event: EventEnvelope;
  delivered: number;
  failures: EventFailure[] | undefined;
  readonly #emitter: Emitter;
  #status: EmitResult['status'] | undefined;
  #late: Late | undefined;

  constructor(emitter: Emitter, event: EventEnvelope, lineage?: Lineage) {
    this.event = event;
    this.delivered = 0;
    this.failures = undefined;
    this.#emitter = emitter;
    this.#status = undefined;
    this.#late = lineage && new Late(lineage);
  }

  get priority(): number {
    return this.event.priority;
  }

  get attempt(): number {
    return 1;
  }

  get node(): string {
    return EventEnvelope.nodeOf(this.event) ?? this.#emitter.nodeId;
  }

  get lineage(): Lineage | undefined {
    return this.#late?.lineage;
  }

  get settled(): boolean {
    return this.#status !== undefined;
  }

  get key(): string | undefined {
    return this.#late?.place?.key;
  }

  /** Who it is for, when not for everybody. */
  get addressees(): Topic | readonly string[] | undefined {
    return this.#late?.addressees;
  }

  get place(): StoredPlace | undefined {
    return this.#late?.place;
  }

  /** Says that it is for these subscriptions alone, or for those with these names, and where it was read. */
  address(addressees: Topic | readonly string[], place?: StoredPlace): void {
    const late = this.#rare();
    late.addressees = addressees;
    late.place = place;
  }

  get postponed(): boolean {
    return this.#late?.postponed === true;
  }

  /** Says that a call is given up, to be made when the event is read again. */
  postpone(): void {
    this.#rare().postponed = true;
  }

  /** Commits that it is not over before: it was read from the store, and is to be handled again should they be lost. */
  get owed(): readonly Promise<unknown>[] | undefined {
    return this.#late?.owed;
  }

  owe(commit: Promise<unknown>): void {
    const late = this.#rare();
    late.owed ??= [];
    late.owed.push(commit);
  }

  /** Whether the dead letter that was left for it is kept: undefined when none was. */
  get letter(): Promise<boolean> | undefined {
    return this.#late?.letter;
  }

  set letter(letter: Promise<boolean>) {
    this.#rare().letter = letter;
  }

  get signal(): AbortSignal {
    const late = this.#rare();
    if (late.controller === undefined) {
      late.controller = new AbortController();
      if (!this.settled) this.#emitter.underWay.add(late.controller);
    }
    return late.controller.signal;
  }

  get persisted(): Promise<StoredRef | undefined> {
    const late = this.#late;
    if (late?.passage !== undefined) return late.passage.promise.then(() => this.persisted);
    return late?.ticket?.promise ?? Promise.resolve(undefined);
  }

  /** Who cancelled the event; the first to be named stays. */
  get canceller(): Registration | undefined {
    return this.#late?.canceller;
  }

  set canceller(canceller: Registration | undefined) {
    this.#rare().canceller ??= canceller;
  }

  set vetoer(vetoer: string) {
    this.#rare().vetoer = vetoer;
  }

  /** Promises that the event will be stored, or that it will be known why not. */
  awaitCommit(): LazyPromise<StoredRef | undefined> {
    const rare = this.#rare();
    rare.ticket ??= new LazyPromise();
    return rare.ticket;
  }

  /** Says that it is not known yet whether the event goes any further. */
  awaitPassage(route: Route): void {
    const late = this.#rare();
    late.passage ??= new LazyPromise();
    late.route = route;
  }

  get route(): Route {
    return this.#rare().route;
  }

  /** Says that it is known now. */
  passed(): void {
    const passage = this.#late?.passage;
    if (passage === undefined) return;
    this.#rare().passage = undefined;
    passage.resolve();
  }

  /** Gives the first answer to whoever asked; false when nobody did, or waits no more. */
  answer(answer: Answer): boolean {
    if (EventEnvelope.detailsOf(this.event).request !== true) return false;
    const late = this.#rare();
    if (late.answer !== undefined) return false;
    late.answer = answer;
    return late.asker?.(answer) ?? true;
  }

  /** Calls `asker` with the first answer, now if there is one; it says whether that is still wanted. */
  ask(asker: (answer: Answer) => boolean): void {
    const late = this.#rare();
    late.asker = asker;
    if (late.answer !== undefined) asker(late.answer);
  }

  // Made when it is asked for, so that a handler may take `{ emit }` apart.
  get emit(): Delivery['emit'] {
    const emitter = this.#emitter;
    return (type: string, data?: unknown, options?: EmitOptions) =>
      emitter.emit(emitter.origin, type, data, options, this) as Emission<never>;
  }

  get request(): Delivery['request'] {
    const emitter = this.#emitter;
    return (type: string, data?: unknown, options?: RequestOptions) =>
      emitter.request(emitter.origin, type, data, options, this) as Promise<never>;
  }

  settle(status: EmitResult['status']): void {
    this.#status = status;
    if (this.#late !== undefined) this.#settleLate(this.#late);
  }

  result(): EmitResult {
    return {
      event: this.event,
      status: this.#status ?? 'delivered',
      delivered: this.delivered,
      failures: this.failures ?? noFailures,
      cancelledBy: this.canceller && handlerInfo(this.canceller),
      vetoedBy: this.#late?.vetoer,
    };
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting an emission is its purpose.
  then<R = EmitResult, F = never>(
    onResult?: ((result: EmitResult) => R | PromiseLike<R>) | null,
    onError?: ((error: unknown) => F | PromiseLike<F>) | null,
  ): Promise<R | F> {
    if (this.#status !== undefined) return Promise.resolve(this.result()).then(onResult, onError);
    const late = this.#rare();
    late.waiting ??= new Promise((resolve) => {
      late.wake = resolve;
    });
    return late.waiting.then(onResult, onError);
  }

  #settleLate(late: Late): void {
    this.passed();
    if (late.controller !== undefined) this.#emitter.underWay.delete(late.controller);
    late.wake?.(this.result());
  }

  #rare(): Late {
    this.#late ??= new Late(undefined);
    return this.#late;
  }
}
