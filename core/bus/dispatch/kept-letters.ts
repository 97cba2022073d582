import { describeError } from '../errors.js';
import { EventEnvelope, eventFromRecord } from '../event/event.js';
import type { DeadLetterRecord, DeadLetterStore } from '../ports.js';
import type { Registration } from '../router/subscription.js';
import type { DeadLetter, DeadLetterParts } from './dead-letter.js';

/** A dead letter and what is known of it. */
export interface HeldLetter {
  readonly letter: DeadLetter;
  readonly event: EventEnvelope;
  /** Who failed; not known of what others left. */
  readonly registration?: Registration;
  /** Whether it is in the store: undefined while that is not known. */
  stored: boolean | undefined;
}

/** Where dead letters are: in the store those that may be there, in memory those of this node. */
export class KeptLetters {
  readonly #parts: Pick<DeadLetterParts, 'dispatcher' | 'report' | 'store' | 'keeps' | 'codecs' | 'decode'>;
  /** Those that this node left, in the store or not. */
  readonly #letters = new Map<string, HeldLetter>();
  /** What was listed last, so that to retry all of it does not read all of it each time. */
  #listed = new Map<string, HeldLetter>();
  /** What the bus may not be closed before; none of it rejects. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: Pick<DeadLetterParts, 'dispatcher' | 'report' | 'store' | 'keeps' | 'codecs' | 'decode'>) {
    this.#parts = parts;
  }

  /** Whether a letter is on its way to or from the store. */
  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  /** Resolves when every letter so far is in the store, or known not to be. */
  settled(): Promise<unknown> {
    return Promise.all(this.#underWay);
  }

  /** Has the bus wait for some work. */
  track<T>(work: Promise<T>): Promise<T> {
    const done = (): void => void this.#underWay.delete(over);
    const over = work.then(done, done);
    this.#underWay.add(over);
    return work;
  }

  /** A letter of that id, though somebody else may have taken it already. */
  async find(id: string): Promise<HeldLetter | undefined> {
    return this.#letters.get(id) ?? this.#listed.get(id) ?? (await this.all()).get(id);
  }

  /** Every letter there is, oldest first: of the store, and those of this node that are not in it. */
  async all(): Promise<ReadonlyMap<string, HeldLetter>> {
    await this.settled();
    const all = new Map<string, HeldLetter>();
    const { store, codecs, decode } = this.#parts;
    if (store !== undefined) {
      const known = [...this.#letters].filter(([, { stored }]) => stored === true);
      for (const record of await store.list()) {
        const own = this.#letters.get(record.id);
        // A write that failed may have been done all the same.
        if (own !== undefined) own.stored = true;
        const event = own !== undefined || codecs === undefined ? record.event : await decode(record.event);
        // What a codec refuses is no event.
        const held = own ?? (event && readLetter({ ...record, event }));
        if (held !== undefined) all.set(record.id, held);
      }
      // What was there and is not any more was taken by another node, or had to make room.
      for (const [id] of known) if (!all.has(id)) this.#letters.delete(id);
    }
    for (const [id, held] of this.#letters) all.set(id, held);
    this.#listed = new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
    return this.#listed;
  }

  /** Takes a letter away: true for the one, of all nodes, that did. */
  async take(id: string): Promise<boolean> {
    const { store } = this.#parts;
    this.#listed.delete(id);
    if (store === undefined || this.#letters.get(id)?.stored === false) return this.#letters.delete(id);
    // Every node sees it there, and one of them gets it.
    const isTaken = await store.take(id);
    this.#letters.delete(id);
    return isTaken;
  }

  /** Keeps a letter in memory at once, and in the store by and by; true when it is where it should be. */
  async keep(held: HeldLetter, limit: number): Promise<boolean> {
    const { store, keeps } = this.#parts;
    this.#letters.set(held.letter.id, held);
    while (this.#letters.size > limit) this.#letters.delete(this.#letters.keys().next().value as string);
    if (store === undefined || !(held.stored === true || keeps(held.event.type))) return true;
    await this.track(this.#store(store, held, limit));
    return held.stored === true;
  }

  async #store(store: DeadLetterStore, held: HeldLetter, limit: number): Promise<void> {
    const { id, handler, error, attempts, failedAt } = held.letter;
    held.stored = undefined;
    try {
      const { name, patterns, scope } = handler;
      const named = { name, patterns, ...(scope !== undefined && { scope }) };
      const { nodeId } = this.#parts.dispatcher();
      const node = EventEnvelope.nodeOf(held.event) ?? nodeId;
      const { codecs } = this.#parts;
      const record = { ...held.event.toRecord(), node };
      const letter = {
        ...{ id, attempts, failedAt },
        error: codecs === undefined ? describeError(error) : codecs.describe(error, record.type),
        event: codecs === undefined ? record : await codecs.encode(record),
        handler: named,
      };
      await store.put(letter, limit);
      held.stored = true;
    } catch (failure) {
      // It stays in memory.
      held.stored = false;
      this.#parts.report({ stage: 'store', error: failure, event: held.event });
    }
  }
}

/** A letter that came out of the store. */
function readLetter({ event: record, ...rest }: DeadLetterRecord): HeldLetter {
  const event = eventFromRecord(record);
  return { letter: Object.freeze({ ...rest, event }), event, stored: true };
}
