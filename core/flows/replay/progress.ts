import type { EmitResult } from '../../index.js';

/** How far a replay has come. */
export interface ReplayProgress {
  /** Events that were replayed and have settled. */
  readonly replayed: number;
  /** Events that the filter passed by. */
  readonly skipped: number;
  /** Calls of handlers. */
  readonly delivered: number;
  /** Events that a handler or filter failed for good; the bus's `onError` and dead letters know the failures. */
  readonly failed: number;
  /** Events that a handler cancelled. */
  readonly cancelled: number;
  /** Events that no handler got, as the bus had no room and drops then, or a strict store did not take them. */
  readonly dropped: number;
  /** Where it stands in the store: this event is done, and so are those that come before it; undefined at first. */
  readonly offset: number | undefined;
  /** When that event was emitted, epoch ms. */
  readonly timestamp: number | undefined;
  /** Offset of the newest event that matches: later ones are no part of it. Undefined when there is none. */
  readonly newest: number | undefined;
}

/** The place of an event in the store. */
export type Place = Pick<ReplayProgress, 'offset' | 'timestamp'>;

const NOWHERE: Place = { offset: undefined, timestamp: undefined };

/** Counts what becomes of the events of a replay. */
export class Tally {
  newest: number | undefined;
  #replayed = 0;
  #skipped = 0;
  #delivered = 0;
  #failed = 0;
  #cancelled = 0;
  #dropped = 0;
  #last: Place = NOWHERE;
  /** Events under way, in the order they were begun, and what each was begun behind. */
  readonly #underWay = new Map<Place, Place>();

  get progress(): ReplayProgress {
    const [oldest = this.#last] = this.#underWay.values();
    return Object.freeze({
      replayed: this.#replayed,
      skipped: this.#skipped,
      delivered: this.#delivered,
      failed: this.#failed,
      cancelled: this.#cancelled,
      dropped: this.#dropped,
      ...oldest,
      newest: this.newest,
    });
  }

  skipped(place: Place): void {
    this.#skipped++;
    this.#last = place;
  }

  begun(place: Place): void {
    this.#underWay.set(place, this.#last);
    this.#last = place;
  }

  settled(place: Place, { status, delivered, failures }: EmitResult): void {
    this.#underWay.delete(place);
    this.#replayed++;
    this.#delivered += delivered;
    if (failures.length > 0) this.#failed++;
    if (status === 'cancelled') this.#cancelled++;
    if (status === 'dropped') this.#dropped++;
  }
}
