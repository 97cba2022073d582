import { BusClosedError, DeadLetterError, describeError } from '../errors.js';
import { type BusEvent, EventEnvelope, eventFromRecord } from '../event/event.js';
import { uuidv7 } from '../event/id.js';
import type { HandlerInfo } from '../inspection.js';
import type { DeadLetterRecord, DeadLetterStore } from '../ports.js';
import { GONE, handlerInfo, PAUSED, type Registration } from '../router/subscription.js';
import type { EmitResult, LiveEmission } from './delivery.js';
import type { Dispatcher } from './dispatch.js';
import type { Failure } from './failure.js';

/** An event that one of its handlers failed to handle for good. */
export interface DeadLetter {
  readonly id: string;
  readonly event: BusEvent;
  /** Who failed. */
  readonly handler: Pick<HandlerInfo, 'name' | 'patterns'>;
  /** What the last call threw; its name and message alone, when it was on another node or before a reload. */
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
  /** One that is subscribed with these patterns, under this name. */
  readonly successor: (handler: DeadLetter['handler']) => Registration | undefined;
  readonly report: (failure: Failure) => void;
  readonly limit: number;
  readonly store: DeadLetterStore | undefined;
  /** Whether events of a type may be stored. */
  readonly keeps: (type: string) => boolean;
}

interface KeptLetter {
  readonly letter: DeadLetter;
  readonly event: EventEnvelope;
  readonly registration: Registration;
  /** Whether it is in the store, too: undefined while that is not known. */
  stored: boolean | undefined;
}

/** Keeps what failed for good, the latest, and says so in an event of its own (F4). */
export class DeadLetterBox implements DeadLetters {
  readonly #parts: DeadLetterParts;
  /** Those of this node. */
  readonly #letters = new Map<string, KeptLetter>();
  #writing: Promise<void> = Promise.resolve();
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
    return (await this.#all()).map(({ letter }) => letter);
  }

  async retry(id: string): Promise<EmitResult> {
    // Not inside the handler that may be asking: events are handled one after the other (D5).
    const found = (await this.#all()).find(({ letter }) => letter.id === id);
    const { dispatcher, successor } = this.#parts;
    if (dispatcher().closed) throw new BusClosedError('retry');
    if (found === undefined) throw new DeadLetterError(id, 'is not there');
    const { letter, event, registration } = found;
    const { name } = letter.handler;
    const isThere = registration !== undefined && registration.state !== GONE;
    const target = isThere ? registration : successor(letter.handler);
    if (target === undefined) throw new DeadLetterError(id, `has no handler: "${name}" is gone`);
    if (target.state === PAUSED) throw new DeadLetterError(id, `has no handler: "${name}" is paused`);
    if (!(await this.discard(id))) throw new DeadLetterError(id, 'is not there');
    return dispatcher().redeliver(EventEnvelope.again(event), target);
  }

  async discard(id: string): Promise<boolean> {
    await this.settled();
    const own = this.#letters.get(id);
    this.#letters.delete(id);
    const { store } = this.#parts;
    if (store === undefined || own?.stored === false) return own !== undefined;
    // Every node sees it there, and one of them gets it.
    return store.take(id);
  }

  /** Resolves when every letter so far is in the store, or known not to be. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** Every letter there is: of the store, and those of this node that are not in it. */
  async #all(): Promise<readonly (Omit<KeptLetter, 'registration'> & { readonly registration?: Registration })[]> {
    await this.settled();
    const { store } = this.#parts;
    if (store === undefined) return [...this.#letters.values()];
    const records = await store.list();
    const ids = new Set(records.map(({ id }) => id));
    // What is not in the store any more was taken by another node.
    for (const [id, { stored }] of this.#letters) if (stored === true && !ids.has(id)) this.#letters.delete(id);
    const mine = [...this.#letters.values()].filter(({ letter }) => !ids.has(letter.id));
    const all = [...records.map((record) => this.#letters.get(record.id) ?? readLetter(record)), ...mine];
    return all.sort((a, b) => (a.letter.id < b.letter.id ? -1 : 1));
  }

  #keep(emission: LiveEmission, registration: Registration, error: unknown, attempts: number): void {
    // A wait or stream whose filter failed goes on, or is over: there is nothing to try again.
    if (registration.options?.ended !== undefined) return;
    const { event } = emission;
    const { dispatcher, store, keeps, limit } = this.#parts;
    const { inspector, clock } = dispatcher();
    const failedAt = clock.now();
    const id = uuidv7(failedAt, this.count++);
    const handler = handlerInfo(registration);
    const letter: DeadLetter = Object.freeze({ id, event, handler, error, attempts, failedAt });
    const kept: KeptLetter = { letter, event, registration, stored: false };
    this.#letters.set(id, kept);
    if (this.#letters.size > limit) this.#letters.delete(this.#letters.keys().next().value as string);
    if (store !== undefined && keeps(event.type)) this.#store(store, kept);
    inspector?.tell({ kind: 'deadLettered', event: inspector.view(event), handler, letter: id, attempts, error });
    this.#announce(letter, emission);
  }

  #store(store: DeadLetterStore, kept: KeptLetter): void {
    const { letter, event } = kept;
    const { id, attempts, failedAt } = letter;
    const { name, patterns } = letter.handler;
    const error = describeError(letter.error);
    const record = { id, event: event.toRecord(), handler: { name, patterns }, error, attempts, failedAt };
    kept.stored = undefined;
    const written = store.put(record, this.#parts.limit).then(
      () => {
        kept.stored = true;
      },
      (failure) => {
        // It stays in memory.
        kept.stored = false;
        this.#parts.report({ stage: 'store', error: failure, event });
      },
    );
    this.#writing = Promise.all([this.#writing, written]).then(() => undefined);
  }

  #announce({ event, error, handler, attempts }: DeadLetter, emission: LiveEmission): void {
    const dispatcher = this.#parts.dispatcher();
    const isReport = EventEnvelope.isOfError(event);
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

/** A letter that came out of the store. */
function readLetter(record: DeadLetterRecord): { letter: DeadLetter; event: EventEnvelope; stored: boolean } {
  const { id, handler, error, attempts, failedAt } = record;
  const event = eventFromRecord(record.event);
  return { letter: Object.freeze({ id, event, handler, error, attempts, failedAt }), event, stored: true };
}
