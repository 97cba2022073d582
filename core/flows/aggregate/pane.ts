import type { BusEvent } from '../../index.js';
import type { AggregateRules, AggregateWindow } from './options.js';

/** The events of one key in one window, or what a reducer has made of them. */
export class Pane {
  readonly key: string;
  /** Where its window begins, which tells those of one key apart. */
  readonly place: number;
  timer: unknown = undefined;
  isClosed = false;
  count = 0;
  /** By arrival, in ms of the clock that goes on however the time of day is set. */
  readonly #openedAt: number;
  #lastAt: number;
  readonly #rules: AggregateRules;
  readonly #events: BusEvent[] = [];
  #summary: unknown;
  #last: BusEvent | undefined;
  /** Of all its events so far; undefined when they have several. */
  #correlationId: string | undefined;
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(rules: AggregateRules, key: string, place: number, at: number) {
    this.#rules = rules;
    this.key = key;
    this.place = place;
    this.#openedAt = at;
    this.#lastAt = at;
    if (typeof rules.summarize !== 'function') this.#summary = rules.summarize.initial(key);
  }

  /** When its time is over: by arrival for a debounce, else by timestamps. */
  get due(): number {
    const { mode, windowMs, maxWaitMs, lateMs } = this.#rules;
    if (mode !== 'debounce') return this.place + windowMs + lateMs;
    return Math.min(this.#lastAt + windowMs, this.#openedAt + maxWaitMs);
  }

  /** What its summary follows from: the event that came last. */
  get cause(): BusEvent | undefined {
    return this.#last;
  }

  /** What all its events belong to. */
  get correlationId(): string | undefined {
    return this.#correlationId;
  }

  add(event: BusEvent, at: number): void {
    const { summarize } = this.#rules;
    if (typeof summarize === 'function') this.#events.push(event);
    else this.#summary = summarize.reduce(this.#summary, event, this.key);
    // Reading a correlation id may have an id made: not for events behind the first that differs.
    if (this.count === 0) this.#correlationId = event.correlationId;
    else if (this.#correlationId !== undefined && this.#correlationId !== event.correlationId) {
      this.#correlationId = undefined;
    }
    this.count++;
    this.#last = event;
    this.#lastAt = at;
    this.#earliest = Math.min(this.#earliest, event.timestamp);
    this.#latest = Math.max(this.#latest, event.timestamp);
  }

  summary(closedBy: AggregateWindow['closedBy']): unknown {
    const { mode, windowMs, summarize } = this.#rules;
    const isByTimestamp = mode !== 'debounce';
    const window: AggregateWindow = Object.freeze({
      start: isByTimestamp ? this.place : this.#earliest,
      end: isByTimestamp ? this.place + windowMs : this.#latest,
      count: this.count,
      closedBy,
    });
    if (typeof summarize === 'function') return summarize(this.#events, this.key, window);
    return summarize.finish === undefined ? this.#summary : summarize.finish(this.#summary, this.key, window);
  }
}
