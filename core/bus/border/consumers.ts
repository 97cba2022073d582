import { InvalidOptionError } from '../errors.js';
import type { CursorStore, EventStore } from '../ports.js';
import type { Feed, StartPosition, SubscribeOptions } from '../router/subscription.js';
import { Consumer, type ConsumerParts } from './consumer.js';
import { consumerOptions } from './consumer-options.js';
import { Tail } from './tail.js';

/** What consumers are made of. */
export interface ConsumersParts extends Omit<ConsumerParts, 'store' | 'tail' | 'start' | 'before' | 'began' | 'over'> {
  readonly store: EventStore | undefined;
  readonly keeps: (type: string) => boolean;
  /** Runs `work` when all that was emitted so far is stored, and before anything that is emitted later. */
  readonly between: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Where a durable subscription of this node stands. */
export interface DurableStats {
  readonly name: string;
  readonly group: string | undefined;
  /** Whether this node handles its events now; of a group one does. */
  readonly onDuty: boolean;
  /** All up to here is settled. */
  readonly offset: number;
  /** Events that are being handled. */
  readonly inFlight: number;
}

/** The offset behind which a subscription begins. */
async function placeOf(from: Exclude<StartPosition, 'new'>, store: EventStore, tail: Tail): Promise<number> {
  const head = await tail.look();
  if (from === 'all') return 0;
  if ('offset' in from) return from.offset - 1;
  for await (const { offset } of store.read({ since: from.since, limit: 1 })) return offset - 1;
  return head;
}

/** Finds the offset behind which a subscription begins. */
type Place = () => Promise<number>;

/** Makes the cursor of a new subscription, so that what is stored next is its own though its node ends before it begins. */
async function mark(cursors: CursorStore, name: string, place: number): Promise<void> {
  if ((await cursors.get(name)) !== undefined) return;
  const { offset, epoch, retries, trimmed } = await cursors.claim(name, place, false);
  if (trimmed > offset) await cursors.move(name, { offset: trimmed, epoch, retries });
}

/** The subscriptions of a node that read from its store. */
export class Consumers {
  readonly #parts: ConsumersParts;
  readonly #tail: Tail | undefined;
  readonly #all = new Set<Consumer>();
  /** Of those for whom the store could not say where the log ends: the first event stored since. */
  readonly #unplaced = new Map<Place, number>();

  constructor(parts: ConsumersParts) {
    this.#parts = parts;
    this.#tail = parts.store && new Tail(parts.store, parts.clock);
  }

  get busy(): boolean {
    for (const consumer of this.#all) if (consumer.busy) return true;
    return false;
  }

  get stats(): readonly DurableStats[] {
    return [...this.#all].flatMap(({ options: { durable: name, group }, position }) =>
      name === undefined ? [] : [{ name, group, ...position }],
    );
  }

  /** Something is in the store now. */
  stored(store: string | undefined, offset: number | undefined): void {
    if (store !== this.#parts.store?.id || offset === undefined) return;
    for (const [place, first] of this.#unplaced) this.#unplaced.set(place, Math.min(first, offset));
    this.#tail?.reached(offset);
  }

  /** What reads events for a subscription. @throws InvalidOptionError */
  add(patterns: readonly string[], given: SubscribeOptions, answers: boolean): Feed {
    const { store, keeps, between } = this.#parts;
    const options = consumerOptions(patterns, given, store, keeps);
    const { durable, from } = options;
    if (answers)
      throw new InvalidOptionError('durable', durable, 'a subscription with on: requests are answered at once');
    const tail = this.#tail as Tail;
    const namesakes = (): Consumer[] =>
      [...this.#all].filter((other) => durable !== undefined && other.options.durable === durable);
    const { owner } = given;
    // One that is held is to take the place of another, but of one alone.
    const isTaken = owner?.isHeld
      ? [...owner.registrations].some(({ options: own }) => durable !== undefined && own?.durable === durable)
      : namesakes().some(({ isOver }) => !isOver);
    if (isTaken) {
      throw new InvalidOptionError('durable', durable, 'a name that no other subscription of this bus has');
    }
    const place: Place =
      from === 'new' ? this.#placeOfNew(durable, tail) : () => placeOf(from, store as EventStore, tail);
    // What is emitted from now on is not stored before it is known where that begins.
    const start: Place = from === 'all' ? place : () => between(place);
    return new Consumer(patterns, options, {
      ...{ ...this.#parts, store: store as EventStore, tail, start },
      // One that was unsubscribed may still have an event under way.
      before: (own) => Promise.all(namesakes().map((other) => other === own || other.finished)),
      began: (consumer) => this.#all.add(consumer),
      over: (consumer) => {
        this.#all.delete(consumer);
        this.#unplaced.delete(place);
      },
    });
  }

  /** Behind the end of the log, which is marked; what was stored since a store has failed to say so is new too. */
  #placeOfNew(durable: string | undefined, tail: Tail): Place {
    const { cursors } = this.#parts.store as EventStore;
    const place = async (): Promise<number> => {
      const first = this.#unplaced.get(place) ?? Number.POSITIVE_INFINITY;
      this.#unplaced.set(place, first);
      const end = Math.min(await tail.look(), first - 1);
      if (durable !== undefined && cursors !== undefined) await mark(cursors, durable, end);
      this.#unplaced.delete(place);
      return end;
    };
    return place;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((consumer) => consumer.close()));
    this.#tail?.close();
  }
}
