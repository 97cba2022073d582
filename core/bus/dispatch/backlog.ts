import { QueueFullError } from '../errors.js';
import type { LiveEmission } from './delivery.js';
import type { Outcomes } from './outcomes.js';
import { EventQueue } from './queue.js';
import type { QueueLimits } from './queue-limits.js';

/** Events that wait and events in flight, and how many there may be of either (Q1). */
export class Backlog {
  /** Events that wait until the one before them was offered to its handlers. */
  readonly queue: EventQueue<LiveEmission> = new EventQueue();
  readonly limits: QueueLimits;
  /** Whether there is a limit to what is in flight. */
  readonly isLimited: boolean;
  /** Asynchronous work under way: tiers of calls, and events that wait for their commit or the gate. */
  inFlight = 0;
  readonly #outcomes: Outcomes;
  readonly #onIdle: () => void;
  /** Events whose turn came while as many as may be were in flight. */
  readonly #held = new EventQueue<LiveEmission>();
  /** Events in flight, where their number is limited: what they cause is let through. */
  readonly #flight = new Set<LiveEmission>();
  /** Those of them whose id somebody had a use for. */
  readonly #flightById = new Map<string, LiveEmission>();
  /** How much of what is under way is before or behind handlers: commits and the gate. */
  #aside = 0;
  /** Events that wait for their commit or the gate. */
  #waiting = 0;

  constructor(limits: QueueLimits, outcomes: Outcomes, onIdle: () => void) {
    this.limits = limits;
    this.isLimited = limits.concurrency !== Number.POSITIVE_INFINITY;
    this.#outcomes = outcomes;
    this.#onIdle = onIdle;
  }

  /** Events that wait for their turn. */
  get size(): number {
    return this.queue.size + this.#held.size;
  }

  /** The next event whose turn it is, among those that may begin. */
  next(): LiveEmission | undefined {
    for (;;) {
      const emission = this.queue.shift();
      if (emission === undefined || !this.#isFull || emission.lineage?.fromFlight === true) return emission;
      this.#held.push(emission);
    }
  }

  /**
   * Whether one more event may wait, if it has to: it does while events are offered to handlers (`isBusy`), or are in
   * flight and have not caused it.
   *
   * @throws QueueFullError unless `mayThrow` is false
   */
  makeRoom(type: string, isBusy: boolean, fromFlight: boolean, mayThrow: boolean): boolean {
    const { maxSize, overflow } = this.limits;
    if (this.#hasRoom(isBusy, fromFlight)) return true;
    if (overflow === 'reject' && mayThrow) throw new QueueFullError(type, maxSize);
    const oldest = overflow === 'dropOldest' ? this.#lowest().dropOldest() : undefined;
    if (oldest === undefined) return false;
    this.#outcomes.discarded(oldest, undefined);
    return true;
  }

  /** Whether {@link Backlog.makeRoom} would find or make it for an event that nothing in flight has caused. */
  mayTake(isBusy: boolean): boolean {
    return this.#hasRoom(isBusy, false) || (this.limits.overflow === 'dropOldest' && this.size > 0);
  }

  /** A commit, schema or middleware has become asynchronous, or is over. */
  pending(change: 1 | -1): void {
    this.#aside += change;
    if (change === 1) this.inFlight++;
    else this.#landed();
  }

  /** An event waits for that, or no longer does. */
  holds(change: 1 | -1): void {
    this.#waiting += change;
  }

  /** Handlers of an event have become asynchronous. */
  takeOff(emission: LiveEmission): void {
    this.inFlight++;
    if (this.isLimited) this.#flight.add(emission);
  }

  /** They have settled, and those of the next priority have begun, if there are any. */
  land(emission: LiveEmission): void {
    if (this.isLimited && emission.settled) {
      this.#flight.delete(emission);
      if (this.#flightById.size > 0) this.#flightById.delete(emission.event.id);
    }
    this.#landed();
  }

  /** The event in flight with this id. */
  cause(id: string | undefined): LiveEmission | undefined {
    if (id === undefined || !this.isLimited) return undefined;
    // Ids are made when they are read: not for events that nobody names as a cause.
    for (const emission of this.#flight) this.#flightById.set(emission.event.id, emission);
    this.#flight.clear();
    return this.#flightById.get(id);
  }

  /** Moves events that were held up to the queue when they may begin; true when there are any. */
  release(): boolean {
    if (this.#held.size === 0 || this.#isFull) return false;
    this.queue.push(this.#held.shift() as LiveEmission);
    return true;
  }

  /** Lets events that still wait go undelivered. */
  clear(): void {
    for (const queue of [this.queue, this.#held]) {
      for (let emission = queue.shift(); emission !== undefined; emission = queue.shift()) {
        this.#outcomes.finished(emission, 'dropped');
      }
    }
  }

  #hasRoom(isBusy: boolean, fromFlight: boolean): boolean {
    const isDue = !isBusy && this.#waiting === 0 && (fromFlight || !this.#isFull);
    return this.size + this.#waiting < this.limits.maxSize || isDue;
  }

  /** Of the two queues, the one with the lowest priority; those that were held up have waited longer. */
  #lowest(): EventQueue<LiveEmission> {
    const [queued, held] = [this.queue.lowest, this.#held.lowest];
    return held === undefined || (queued !== undefined && queued < held) ? this.queue : this.#held;
  }

  get #isFull(): boolean {
    return this.inFlight - this.#aside >= this.limits.concurrency;
  }

  #landed(): void {
    this.inFlight--;
    if (this.inFlight === 0) this.#onIdle();
  }
}
