import { type BusEvent, InvalidOptionError, type PluginScope } from '../../index.js';
import { ScopeFailures } from '../failures/scope-failures.js';
import type { AggregateRules, AggregateWindow } from './options.js';
import { Pane } from './pane.js';

/** An aggregate at work on one bus. */
export class Aggregation {
  /** Events that came too late for any window. */
  late = 0;
  readonly #scope: PluginScope;
  readonly #rules: AggregateRules;
  readonly #failures: ScopeFailures;
  /** The open windows of each key, by where they begin. The key that has been quiet for longest is the first. */
  readonly #keys = new Map<string, Map<number, Pane>>();
  #latestNow = Number.NEGATIVE_INFINITY;

  constructor(scope: PluginScope, rules: AggregateRules) {
    this.#scope = scope;
    this.#rules = rules;
    this.#failures = new ScopeFailures(scope.clock);
  }

  get keys(): number {
    return this.#keys.size;
  }

  /** @returns what `onLate` does: where that is asynchronous, its failure is the event's, too */
  take(event: BusEvent): unknown {
    const { emit, key: keyOf, maxSize, onLate } = this.#rules;
    // Where its patterns cover what it emits, it would summarize its summaries without an end.
    if (event.type === emit) return undefined;
    const key = keyOf(event);
    if (key === undefined) return undefined;
    if (typeof key !== 'string')
      throw new InvalidOptionError('key', key, 'a function that returns a text or undefined');
    const places = this.#placesOf(event.timestamp);
    if (places.length === 0) {
      this.late++;
      return onLate?.(event, key);
    }
    const panes = this.#touch(key);
    const at = this.#scope.clock.precise();
    const full: Pane[] = [];
    try {
      for (const place of places) {
        const pane = panes.get(place) ?? new Pane(this.#rules, key, place, at);
        pane.add(event, at);
        panes.set(place, pane);
        if (pane.count >= maxSize) full.push(pane);
        else if (pane.timer === undefined) this.#arm(pane);
      }
    } finally {
      for (const pane of full) this.#close(pane, 'size');
      // A reducer that fails may leave a key without any.
      if (panes.size === 0) this.#keys.delete(key);
    }
    return undefined;
  }

  /** Summarizes what is open, of one key or of all. */
  flush(key: string | undefined, closedBy: AggregateWindow['closedBy']): void {
    const open = key === undefined ? [...this.#keys.values()] : [this.#keys.get(key) ?? new Map<number, Pane>()];
    // Listed before: what they emit may be handled at once, and open others.
    for (const pane of open.flatMap((panes) => [...panes.values()])) this.#close(pane, closedBy);
  }

  /** The last it does: a clean-up, which may emit. @throws what its summaries have failed with */
  end(): void {
    this.flush(undefined, 'end');
    this.#failures.throwRest();
  }

  /** Where the windows begin that the event is in and that take it still, the oldest first; none, when it is too late. */
  #placesOf(timestamp: number): readonly number[] {
    const { mode, windowMs, slideMs, lateMs } = this.#rules;
    const now = this.#now();
    if (mode === 'debounce') return now - timestamp > lateMs ? [] : [0];
    // The future has not happened: a clock that is ahead would open windows without a limit.
    const time = Math.min(timestamp, now);
    const places: number[] = [];
    for (let place = Math.floor(time / slideMs) * slideMs; place > time - windowMs; place -= slideMs) {
      if (now < place + windowMs + lateMs) places.unshift(place);
    }
    return places;
  }

  /** The windows of a key, which is now the last to become quiet. */
  #touch(key: string): Map<number, Pane> {
    let panes = this.#keys.get(key);
    this.#keys.delete(key);
    if (panes === undefined) {
      panes = new Map();
      if (this.#keys.size >= this.#rules.maxKeys) this.flush(this.#keys.keys().next().value as string, 'keys');
    }
    this.#keys.set(key, panes);
    return panes;
  }

  #arm(pane: Pane): void {
    const time = this.#rules.mode === 'debounce' ? this.#scope.clock.precise() : this.#now();
    const due = (): void => {
      pane.timer = undefined;
      // One timer waits for what every further event puts off, rather than one for each event.
      if (pane.due > (this.#rules.mode === 'debounce' ? this.#scope.clock.precise() : this.#now())) this.#arm(pane);
      else this.#close(pane, 'time');
    };
    pane.timer = this.#scope.clock.setTimeout(due, Math.max(0, pane.due - time));
  }

  #close(pane: Pane, closedBy: AggregateWindow['closedBy']): void {
    // What another summary is emitted for may flush as well, or end the plugin.
    if (pane.isClosed) return;
    pane.isClosed = true;
    const { key, place } = pane;
    const panes = this.#keys.get(key);
    this.#scope.clock.clearTimeout(pane.timer);
    if (panes?.get(place) === pane) panes.delete(place);
    if (panes?.size === 0) this.#keys.delete(key);
    try {
      this.#emit(pane, pane.summary(closedBy));
    } catch (error) {
      // Not the failure of the event that happens to be handled now: called again, that would count twice.
      this.#failures.add(error);
    }
  }

  #emit({ cause, correlationId }: Pane, data: unknown): void {
    const { emit: type } = this.#rules;
    if (data instanceof Promise) {
      data.catch(() => {});
      throw new InvalidOptionError('summarize', data, 'a function that is not asynchronous');
    }
    if (correlationId !== undefined) this.#scope.emit(type, data, { cause });
    // Only an event given whole has a cause and a correlation of its own.
    else this.#scope.emit({ type, data, causationId: cause?.id });
  }

  /** As timestamps do, it stands still while the time of day is turned back. */
  #now(): number {
    this.#latestNow = Math.max(this.#latestNow, this.#scope.clock.now());
    return this.#latestNow;
  }
}
