import { BusClosedError, DeadLetterError, describeError } from '../errors.js';
import { type BusEvent, EventEnvelope } from '../event/event.js';
import { uuidv7 } from '../event/id.js';
import type { HandlerInfo } from '../inspection.js';
import { GONE, handlerInfo, PAUSED, type Registration } from '../router/subscription.js';
import type { EmitResult, LiveEmission } from './delivery.js';
import type { Dispatcher } from './dispatch.js';
import type { Failure } from './failure.js';

/** An event that one of its handlers failed to handle for good. */
export interface DeadLetter {
  readonly id: string;
  readonly event: BusEvent;
  readonly handler: HandlerInfo;
  /** What the last call threw. */
  readonly error: unknown;
  /** How often the handler was called. */
  readonly attempts: number;
  /** Epoch ms. */
  readonly failedAt: number;
}

/** Events that were not handled: look at them, have them handled, or let them go. */
export interface DeadLetters {
  /** The dead letters, oldest first. */
  list(): Promise<readonly DeadLetter[]>;
  /**
   * Calls the handler that failed, and no other, with the event again, and removes the letter; what fails again leaves
   * a new one. Rejects with a `DeadLetterError` when there is no such letter, or nobody subscribed to call.
   */
  retry(id: string): Promise<EmitResult>;
  /** Lets a dead letter go; false when there is none of that id. */
  discard(id: string): Promise<boolean>;
}

/** What dead letters need of their bus. */
export interface DeadLetterParts {
  readonly dispatcher: () => Dispatcher;
  /** One that is subscribed as the registration was. */
  readonly successor: (registration: Registration) => Registration | undefined;
  readonly report: (failure: Failure) => void;
  readonly limit: number;
}

interface KeptLetter {
  readonly letter: DeadLetter;
  readonly event: EventEnvelope;
  readonly registration: Registration;
}

/** Keeps in memory what failed for good, the latest, and says so in an event of its own (F4). */
export class DeadLetterBox implements DeadLetters {
  readonly #parts: DeadLetterParts;
  readonly #letters = new Map<string, KeptLetter>();
  /** All there ever were. */
  count = 0;

  constructor(parts: DeadLetterParts) {
    this.#parts = parts;
  }

  /** Never throws, as other handlers wait: an id cannot be made everywhere, nor by every `createId`. */
  add(emission: LiveEmission, registration: Registration, error: unknown, attempts: number): void {
    try {
      this.#keep(emission, registration, error, attempts);
    } catch (failure) {
      this.#parts.report({ stage: 'report', error: failure, event: emission.event });
    }
  }

  async list(): Promise<readonly DeadLetter[]> {
    return Array.from(this.#letters.values(), ({ letter }) => letter);
  }

  async retry(id: string): Promise<EmitResult> {
    // Not inside the handler that may be asking: events are handled one after the other (D5).
    await undefined;
    const dispatcher = this.#parts.dispatcher();
    if (dispatcher.closed) throw new BusClosedError('retry');
    const found = this.#letters.get(id);
    if (found === undefined) throw new DeadLetterError(id, 'is not there');
    const { letter, event, registration } = found;
    const target = registration.state === GONE ? this.#parts.successor(registration) : registration;
    if (target === undefined) throw new DeadLetterError(id, `has no handler: "${letter.handler.name}" is gone`);
    if (target.state === PAUSED) throw new DeadLetterError(id, `has no handler: "${letter.handler.name}" is paused`);
    this.#letters.delete(id);
    return dispatcher.redeliver(EventEnvelope.again(event), target);
  }

  async discard(id: string): Promise<boolean> {
    return this.#letters.delete(id);
  }

  #keep(emission: LiveEmission, registration: Registration, error: unknown, attempts: number): void {
    // A wait or stream whose filter failed goes on, or is over: there is nothing to try again.
    if (registration.options?.ended !== undefined) return;
    const { event } = emission;
    const { inspector, clock } = this.#parts.dispatcher();
    const failedAt = clock.now();
    const id = uuidv7(failedAt, this.count++);
    const handler = handlerInfo(registration);
    const letter: DeadLetter = Object.freeze({ id, event, handler, error, attempts, failedAt });
    this.#letters.set(id, { letter, event, registration });
    if (this.#letters.size > this.#parts.limit) this.#letters.delete(this.#letters.keys().next().value as string);
    inspector?.tell({ kind: 'deadLettered', event: inspector.view(event), handler, letter: id, attempts, error });
    this.#announce(letter, emission);
  }

  #announce({ event, error, handler, attempts }: DeadLetter, emission: LiveEmission): void {
    const dispatcher = this.#parts.dispatcher();
    const isReport = event.type === 'error.occurred' || emission.lineage?.ofError === true;
    if (isReport || dispatcher.closed) return;
    const { id, type, source } = event;
    const data = { error: describeError(error), event: { id, type, source }, handler: handler.name, attempts };
    try {
      dispatcher.emit(dispatcher.origin, 'error.occurred', data, undefined, emission);
    } catch (error) {
      this.#parts.report({ stage: 'report', error, event });
    }
  }
}
