import { DeadLetterError } from '../errors.js';
import type { BusEvent } from '../event/event.js';
import type { HandlerInfo } from '../inspection.js';
import { GONE, handlerInfo, type Registration } from '../router/subscription.js';
import type { EmitResult, LiveEmission } from './delivery.js';

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

/** What dead letters need of the dispatcher. */
export interface DeadLetterHost {
  now(): number;
  createId(): string;
  /** Those who are subscribed like the registration was. */
  successors(registration: Registration): readonly Registration[];
  redeliver(event: BusEvent, registration: Registration): PromiseLike<EmitResult>;
}

/** Dead letters in memory: the latest, as many as there may be. */
export class DeadLetterBox implements DeadLetters {
  readonly #host: DeadLetterHost;
  readonly #limit: number;
  readonly #letters = new Map<string, { readonly letter: DeadLetter; readonly registration: Registration }>();
  /** All there ever were. */
  count = 0;

  constructor(host: DeadLetterHost, limit: number) {
    this.#host = host;
    this.#limit = limit;
  }

  add(emission: LiveEmission, registration: Registration, error: unknown, attempts: number): DeadLetter {
    const { event } = emission;
    const handler = handlerInfo(registration);
    const id = this.#host.createId();
    const letter: DeadLetter = Object.freeze({ id, event, handler, error, attempts, failedAt: this.#host.now() });
    this.count++;
    this.#letters.set(id, { letter, registration });
    if (this.#letters.size > this.#limit) this.#letters.delete(this.#letters.keys().next().value as string);
    return letter;
  }

  async list(): Promise<readonly DeadLetter[]> {
    return Array.from(this.#letters.values(), ({ letter }) => letter);
  }

  async retry(id: string): Promise<EmitResult> {
    const found = this.#letters.get(id);
    if (found === undefined) throw new DeadLetterError(id, 'is not there');
    const { letter, registration } = found;
    const target = registration.state === GONE ? this.#host.successors(registration)[0] : registration;
    if (target === undefined) throw new DeadLetterError(id, `has no handler: "${letter.handler.name}" is gone`);
    this.#letters.delete(id);
    return this.#host.redeliver(letter.event, target);
  }

  async discard(id: string): Promise<boolean> {
    return this.#letters.delete(id);
  }
}
