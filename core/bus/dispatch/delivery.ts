import { type BusEvent, type EventDetails, EventEnvelope, type Origin } from '../event/event.js';
import type { AnyEvents, DataArguments, EventType } from '../event/pattern-types.js';
import type { HandlerInfo } from '../inspection.js';
import type { StoredRef } from '../ports.js';
import { handlerInfo, type Registration } from '../router/subscription.js';
import type { EmitOptions, EventCause } from './admit.js';
import type { HandlerFailure } from './failure.js';
import { LazyPromise } from './lazy-promise.js';

/** What became of an event on this node. */
export interface EmitResult<E = BusEvent> {
  readonly event: E;
  /** `dropped`: never offered to handlers, as the bus closed first or a strict store refused it. */
  readonly status: 'delivered' | 'cancelled' | 'dropped';
  /** Handlers that were called. */
  readonly delivered: number;
  /** Handlers and filters that failed; empty when all went well. */
  readonly failures: readonly HandlerFailure[];
  /** Who cancelled: of several asynchronous handlers of one priority, the first to settle after the cancel. */
  readonly cancelledBy: HandlerInfo | undefined;
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
  ) => Emission<BusEvent<K, M[K]>>;
  /** Id of the node the event was emitted on; this one's for a local event. */
  readonly node: string;
}

/** What an emission needs of the dispatcher that made it. */
export interface Emitter {
  readonly origin: Origin;
  readonly nodeId: string;
  emit(origin: Origin, type: string, data: unknown, options?: EmitOptions, cause?: EventCause): Emission;
  timestamp(): number;
}

const noFailures: readonly HandlerFailure[] = Object.freeze([]);

/** What few emissions need. */
interface Late {
  canceller: Registration | undefined;
  ticket: LazyPromise<StoredRef | undefined> | undefined;
  /** Somebody awaits the emission: one promise for all of them, and what fulfils it. */
  waiting: Promise<EmitResult> | undefined;
  wake: ((result: EmitResult) => void) | undefined;
}

/** The emission, which is also what its handlers get as delivery: one object fewer for every event. */
export class LiveEmission implements Emission, Delivery {
  readonly event: EventEnvelope;
  delivered: number;
  failures: HandlerFailure[] | undefined;
  readonly #emitter: Emitter;
  #status: EmitResult['status'] | undefined;
  #late: Late | undefined;

  constructor(emitter: Emitter, event: EventEnvelope) {
    this.event = event;
    this.delivered = 0;
    this.failures = undefined;
    this.#emitter = emitter;
    this.#status = undefined;
    this.#late = undefined;
  }

  get priority(): number {
    return this.event.priority;
  }

  get node(): string {
    return EventEnvelope.nodeOf(this.event) ?? this.#emitter.nodeId;
  }

  get persisted(): Promise<StoredRef | undefined> {
    return this.#late?.ticket?.promise ?? Promise.resolve(undefined);
  }

  /** Who cancelled the event; the first to be named stays. */
  get canceller(): Registration | undefined {
    return this.#late?.canceller;
  }

  set canceller(canceller: Registration | undefined) {
    this.#rare().canceller ??= canceller;
  }

  /** Promises that the event will be stored, or that it will be known why not. */
  awaitCommit(): LazyPromise<StoredRef | undefined> {
    const rare = this.#rare();
    rare.ticket ??= new LazyPromise();
    return rare.ticket;
  }

  // Made when it is asked for, so that a handler may take `{ emit }` apart.
  get emit(): Delivery['emit'] {
    const emitter = this.#emitter;
    return (type: string, data?: unknown, options?: EmitOptions) =>
      emitter.emit(emitter.origin, type, data, options, this.event) as Emission<never>;
  }

  settle(status: EmitResult['status']): void {
    this.#status = status;
    if (this.#late !== undefined) this.#late.wake?.(this.result());
  }

  result(): EmitResult {
    return {
      event: this.event,
      status: this.#status ?? 'delivered',
      delivered: this.delivered,
      failures: this.failures ?? noFailures,
      cancelledBy: this.canceller && handlerInfo(this.canceller),
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

  #rare(): Late {
    this.#late ??= { canceller: undefined, ticket: undefined, waiting: undefined, wake: undefined };
    return this.#late;
  }
}

/** The emission of an event that nobody handles, stores, carries or watches: no envelope until it is read (D12). */
export class UnheardEmission implements Emission {
  private readonly emitter: Emitter;
  private readonly origin: Origin;
  private readonly type: string;
  private readonly data: unknown;
  /** When the event before it was emitted: what its id is made of, as it may be read long after later ones. */
  private readonly after: number;
  private readonly sequence: number;
  private readonly details: EventDetails | undefined;
  private made: EventEnvelope | undefined;

  constructor(
    emitter: Emitter,
    origin: Origin,
    type: string,
    data: unknown,
    after: number,
    sequence: number,
    details: EventDetails | undefined,
  ) {
    this.emitter = emitter;
    this.origin = origin;
    this.type = type;
    this.data = data;
    this.after = after;
    this.sequence = sequence;
    this.details = details;
  }

  get event(): EventEnvelope {
    if (this.made === undefined) {
      const { origin, type, data, sequence } = this;
      const details = { ...this.details, id: origin.createId(this.after, sequence) };
      this.made = new EventEnvelope(origin, type, data, this.emitter.timestamp(), sequence, details);
    }
    return this.made;
  }

  get persisted(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting an emission is its purpose.
  then<R = EmitResult, F = never>(
    onResult?: ((result: EmitResult) => R | PromiseLike<R>) | null,
    onError?: ((error: unknown) => F | PromiseLike<F>) | null,
  ): Promise<R | F> {
    const emission = this;
    return Promise.resolve<EmitResult>({
      get event() {
        return emission.event;
      },
      status: 'delivered',
      delivered: 0,
      failures: noFailures,
      cancelledBy: undefined,
    }).then(onResult, onError);
  }
}
