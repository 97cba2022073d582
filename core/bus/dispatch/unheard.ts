import { type EventDetails, EventEnvelope, type Instant, type Origin } from '../event/event.js';
import type { Emission, EmitResult, Emitter } from './delivery.js';

/** The emission of an event that nobody handles, stores, carries or watches: no envelope until it is read (D12). */
export class UnheardEmission implements Emission {
  // Declared, not defined: engines would set each field twice, and this object is most of what such an emit costs.
  declare private readonly emitter: Emitter;
  declare private readonly origin: Origin;
  declare private readonly type: string;
  declare private readonly data: unknown;
  /** When the event before it was emitted: what its id is made of, as it may be read long after later ones. */
  declare private readonly after: Instant;
  declare private readonly sequence: number;
  declare private readonly details: EventDetails | undefined;
  declare private made: EventEnvelope | undefined;

  constructor(
    emitter: Emitter,
    origin: Origin,
    type: string,
    data: unknown,
    after: Instant,
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
    this.made = undefined;
  }

  get event(): EventEnvelope {
    if (this.made === undefined) {
      const { origin, type, data, after, sequence, details } = this;
      // The id keeps its place in the order of emission; it is made when it is read, as there may be no randomness yet.
      const own: Origin = { source: origin.source, createId: (_, place) => origin.createId(after.ms, place) };
      this.made = new EventEnvelope(own, type, data, this.emitter.instant(), sequence, details);
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
      failures: Object.freeze([]),
      cancelledBy: undefined,
      vetoedBy: undefined,
    }).then(onResult, onError);
  }
}
