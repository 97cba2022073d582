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
  /** One that is subscribed with these patterns, under this name. */
  readonly successor: (handler: DeadLetter['handler']) => Registration | undefined;
  readonly report: (failure: Failure) => void;
  readonly limit: number;
  readonly store: DeadLetterStore | undefined;
  /** Whether events of a type may be stored. */
  readonly keeps: (type: string) => boolean;
}

interface HeldLetter {
  readonly letter: DeadLetter;
  readonly event: EventEnvelope;
  /** Who failed; not known of what others left. */
  readonly registration?: Registration;
  /** Whether it is in the store: undefined while that is not known. */
  stored: boolean | undefined;
}

/** Keeps what failed for good, the latest, and says so in an event of its own (F4). */
export class DeadLetterBox implements DeadLetters {
  readonly #parts: DeadLetterParts;
  /** Those that this node left, in the store or not. */
  readonly #letters = new Map<string, HeldLetter>();
  /** What was listed last, so that to retry all of it does not read all of it each time. */
  #listed: ReadonlyMap<string, HeldLetter> = new Map();
  /** What the bus may not be closed before; none of it rejects. */
  readonly #underWay = new Set<Promise<void>>();
  /** All there ever were. */
  count = 0;

  constructor(parts: DeadLetterParts) {
    this.#parts = parts;
  }

  /** Whether a letter is on its way to or from the store. */
  get busy(): boolean {
    return this.#underWay.size > 0;
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
    return [...(await this.#all()).values()].map(({ letter }) => letter);
  }

  async retry(id: string): Promise<EmitResult> {
    if (this.#parts.dispatcher().closed) throw new BusClosedError('retry');
    // Not inside the handler that may be asking: events are handled one after the other (D5).
    await this.settled();
    const held = this.#letters.get(id) ?? this.#listed.get(id) ?? (await this.#all()).get(id);
    if (held === undefined) throw new DeadLetterError(id, 'is not there');
    const [emission] = await this.#track(this.#redeliver(held));
    return emission;
  }

  async discard(id: string): Promise<boolean> {
    await this.settled();
    return this.#track(this.#take(id));
  }

  /** Resolves when every letter so far is in the store, or known not to be. */
  settled(): Promise<unknown> {
    return Promise.all(this.#underWay);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const done = (): void => void this.#underWay.delete(over);
    const over = work.then(done, done);
    this.#underWay.add(over);
    return work;
  }

  /** Every letter there is, oldest first: of the store, and those of this node that are not in it. */
  async #all(): Promise<ReadonlyMap<string, HeldLetter>> {
    await this.settled();
    const all = new Map<string, HeldLetter>();
    const { store } = this.#parts;
    if (store !== undefined) {
      const known = [...this.#letters].filter(([, { stored }]) => stored === true);
      for (const record of await store.list()) {
        const own = this.#letters.get(record.id);
        // A write that failed may have been done all the same.
        if (own !== undefined) own.stored = true;
        all.set(record.id, own ?? readLetter(record));
      }
      // What was there and is not any more was taken by another node, or had to make room.
      for (const [id] of known) if (!all.has(id)) this.#letters.delete(id);
    }
    for (const [id, held] of this.#letters) all.set(id, held);
    this.#listed = new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
    return this.#listed;
  }

  /** In an array, as a promise of an emission would wait for its handlers. */
  async #redeliver(held: HeldLetter): Promise<readonly [LiveEmission]> {
    const { id } = held.letter;
    this.#target(held);
    if (!(await this.#take(id))) throw new DeadLetterError(id, 'is not there');
    let target: Registration;
    try {
      // Whoever was there may have gone meanwhile.
      target = this.#target(held);
    } catch (error) {
      await this.#hold(held, Number.POSITIVE_INFINITY);
      throw error;
    }
    return [this.#parts.dispatcher().redeliver(EventEnvelope.again(held.event), target)];
  }

  /** @throws BusClosedError, DeadLetterError */
  #target({ letter, registration }: HeldLetter): Registration {
    const { dispatcher, successor } = this.#parts;
    if (dispatcher().closed) throw new BusClosedError('retry');
    const { id, handler } = letter;
    const isThere = registration !== undefined && registration.state !== GONE;
    const target = isThere ? registration : successor(handler);
    if (target !== undefined && target.state !== PAUSED) return target;
    const state = target === undefined ? 'gone' : 'paused';
    throw new DeadLetterError(id, `has no handler: "${handler.name}" is ${state}`);
  }

  async #take(id: string): Promise<boolean> {
    const { store } = this.#parts;
    if (store === undefined || this.#letters.get(id)?.stored === false) return this.#letters.delete(id);
    // Every node sees it there, and one of them gets it.
    const isTaken = await store.take(id);
    this.#letters.delete(id);
    return isTaken;
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
    if (limit > 0) void this.#hold({ letter, event, registration, stored: false }, limit);
    inspector?.tell({ kind: 'deadLettered', event: inspector.view(event), handler, letter: id, attempts, error });
    this.#announce(letter, emission);
  }

  /** Keeps a letter in memory at once, and in the store by and by. */
  async #hold(held: HeldLetter, limit: number): Promise<void> {
    const { store, keeps } = this.#parts;
    this.#letters.set(held.letter.id, held);
    while (this.#letters.size > limit) this.#letters.delete(this.#letters.keys().next().value as string);
    if (store !== undefined && (held.stored === true || keeps(held.event.type))) {
      await this.#track(this.#store(store, held, limit));
    }
  }

  async #store(store: DeadLetterStore, held: HeldLetter, limit: number): Promise<void> {
    const { id, handler, error, attempts, failedAt } = held.letter;
    held.stored = undefined;
    try {
      const { nodeId } = this.#parts.dispatcher();
      const node = EventEnvelope.nodeOf(held.event) ?? nodeId;
      const letter = {
        ...{ id, attempts, failedAt, error: describeError(error) },
        event: { ...held.event.toRecord(), node },
        handler: { name: handler.name, patterns: handler.patterns },
      };
      await store.put(letter, limit);
      held.stored = true;
    } catch (failure) {
      // It stays in memory.
      held.stored = false;
      this.#parts.report({ stage: 'store', error: failure, event: held.event });
    }
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
function readLetter({ event: record, ...rest }: DeadLetterRecord): HeldLetter {
  const event = eventFromRecord(record);
  return { letter: Object.freeze({ ...rest, event }), event, stored: true };
}
