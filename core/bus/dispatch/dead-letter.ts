import type { Codecs } from '../border/codecs.js';
import type { Decode } from '../border/history.js';
import { BusClosedError, DeadLetterError, describeError } from '../errors.js';
import { type BusEvent, EventEnvelope } from '../event/event.js';
import { uuidv7 } from '../event/id.js';
import type { HandlerInfo } from '../inspection.js';
import type { DeadLetterStore } from '../ports.js';
import { GONE, handlerInfo, PAUSED, type Registration } from '../router/subscription.js';
import type { EmitResult, LiveEmission } from './delivery.js';
import type { Dispatcher } from './dispatch.js';
import type { Failure } from './failure.js';
import { type HeldLetter, KeptLetters } from './kept-letters.js';

/** Who failed: its name, its patterns, and the scope it is of, if it is of one. */
export type FailedHandler = Pick<HandlerInfo, 'name' | 'patterns'> & Partial<Pick<HandlerInfo, 'scope'>>;

/** An event that one of its handlers failed to handle for good. */
export interface DeadLetter {
  readonly id: string;
  readonly event: BusEvent;
  /** Who failed. */
  readonly handler: FailedHandler;
  /** What the last call threw; its name and message alone, when it was on another node or before a reload. */
  readonly error: unknown;
  /** How often the handler was called. */
  readonly attempts: number;
  /** Epoch ms. */
  readonly failedAt: number;
}

/** Events that were not handled: look at them, have them handled, or let them go. */
export interface DeadLetters {
  /** The dead letters, oldest first: of this node, and of all nodes and earlier pages that its store has any of. */
  list(): Promise<readonly DeadLetter[]>;
  /**
   * Calls the handler that failed, and no other, with the event again, and removes the letter; what fails again leaves
   * a new one. Rejects, and leaves the letter where it is, with a `DeadLetterError` when there is no such letter, or
   * nobody subscribed to call, with a `BusClosedError`, or with what its store rejects with.
   */
  retry(id: string): Promise<EmitResult>;
  /** Lets a dead letter go; false when there is none of that id. */
  discard(id: string): Promise<boolean>;
}

/** What dead letters need of their bus. */
export interface DeadLetterParts {
  readonly dispatcher: () => Dispatcher;
  /** One that is subscribed with these patterns, under this name, by the same scope, and may have events of the type. */
  readonly successor: (handler: FailedHandler, type: string) => Registration | undefined;
  readonly report: (failure: Failure) => void;
  readonly limit: number;
  readonly store: DeadLetterStore | undefined;
  /** Whether events of a type may be stored. */
  readonly keeps: (type: string) => boolean;
  readonly codecs: Codecs | undefined;
  /** Makes of a stored record what it was; undefined when a codec refuses it. */
  readonly decode: Decode;
}

/** Leaves a letter for what failed for good, says so in an event of its own (F4), and has it handled again. */
export class DeadLetterBox implements DeadLetters {
  readonly #parts: DeadLetterParts;
  readonly #letters: KeptLetters;
  /** All there ever were. */
  count = 0;

  constructor(parts: DeadLetterParts) {
    this.#parts = parts;
    this.#letters = new KeptLetters(parts);
  }

  /** Whether a letter is on its way to or from the store. */
  get busy(): boolean {
    return this.#letters.busy;
  }

  /** Resolves when every letter so far is in the store, or known not to be. */
  settled(): Promise<unknown> {
    return this.#letters.settled();
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
    return [...(await this.#letters.all()).values()].map(({ letter }) => letter);
  }

  async retry(id: string): Promise<EmitResult> {
    if (this.#parts.dispatcher().closed) throw new BusClosedError('retry');
    // Not inside the handler that may be asking: events are handled one after the other (D5).
    await this.settled();
    const held = await this.#letters.find(id);
    if (held === undefined) throw new DeadLetterError(id, 'is not there');
    const [emission] = await this.#letters.track(this.#redeliver(held));
    return emission;
  }

  async discard(id: string): Promise<boolean> {
    await this.settled();
    return this.#letters.track(this.#letters.take(id));
  }

  /** In an array, as a promise of an emission would wait for its handlers. */
  async #redeliver(held: HeldLetter): Promise<readonly [LiveEmission]> {
    const { id } = held.letter;
    this.#target(held);
    if (!(await this.#letters.take(id))) throw new DeadLetterError(id, 'is not there');
    let target: Registration;
    try {
      // Whoever was there may have gone meanwhile.
      target = this.#target(held);
    } catch (error) {
      await this.#letters.keep(held, Number.POSITIVE_INFINITY);
      throw error;
    }
    return [this.#parts.dispatcher().redeliver(EventEnvelope.again(held.event), target)];
  }

  /** @throws BusClosedError, DeadLetterError */
  #target({ letter, registration }: HeldLetter): Registration {
    const { dispatcher, successor } = this.#parts;
    if (dispatcher().closed) throw new BusClosedError('retry');
    const { id, handler, event } = letter;
    const isThere = registration !== undefined && registration.state !== GONE;
    const target = isThere ? registration : successor(handler, event.type);
    if (target !== undefined && target.state !== PAUSED) return target;
    const state = target === undefined ? 'gone' : 'paused';
    throw new DeadLetterError(id, `has no handler: "${handler.name}" is ${state}`);
  }

  #keep(emission: LiveEmission, registration: Registration, error: unknown, attempts: number): void {
    // A wait or stream whose filter failed goes on, or is over: there is nothing to try again.
    if (registration.options?.ended !== undefined) return;
    const { event } = emission;
    const { dispatcher, limit } = this.#parts;
    const { inspector } = dispatcher();
    // Never goes back, so that ids sort in order of failure.
    const failedAt = dispatcher().instant().ms;
    const id = uuidv7(failedAt, this.count++);
    const handler = handlerInfo(registration);
    const letter: DeadLetter = Object.freeze({ id, event, handler, error, attempts, failedAt });
    if (limit > 0) emission.letter = this.#letters.keep({ letter, event, registration, stored: false }, limit);
    inspector?.tell({ kind: 'deadLettered', event: inspector.view(event), handler, letter: id, attempts, error });
    this.#announce(letter, emission);
  }

  #announce({ event, error, handler, attempts }: DeadLetter, emission: LiveEmission): void {
    const dispatcher = this.#parts.dispatcher();
    const isReport = EventEnvelope.isOfError(event);
    if (isReport || dispatcher.closed) return;
    const { id, type, source } = event;
    const { codecs } = this.#parts;
    // Others get the report in plain, unless it is covered, too.
    const isOpen = codecs === undefined || codecs.covers('error.occurred');
    const described = isOpen ? describeError(error) : codecs.describe(error, type);
    const data = { error: described, event: { id, type, source }, handler: handler.name, attempts };
    try {
      dispatcher.emit(dispatcher.origin, 'error.occurred', data, undefined, emission);
    } catch (error) {
      this.#parts.report({ stage: 'report', error, event });
    }
  }
}
