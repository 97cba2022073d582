import {
  BusClosedError,
  type BusEvent,
  type Emission,
  type EventBus,
  type HistoryQuery,
  InvalidOptionError,
  QueueFullError,
} from '../../index.js';
import type { ReplayOptions } from './options.js';
import { Pace } from './pace.js';
import { type Place, type ReplayProgress, Tally } from './progress.js';

/** How long to wait when the bus has no room. */
const NO_ROOM_MS = 10;

/** How long to go on without letting others have the thread: a store in memory never waits for anything. */
const SLICE_MS = 10;

/** A platform's timer takes no more. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** Nobody emits it: to wait for it is to be told of the end of the bus. */
const NEVER_EMITTED = 'crosstown.replay';

/** One replay, from its first look at the store to its last event. */
export class ReplayRun {
  readonly #bus: EventBus;
  readonly #options: ReplayOptions;
  readonly #query: HistoryQuery;
  readonly #concurrency: number;
  readonly #pace: Pace;
  readonly #tally = new Tally();
  /** Aborts when the replay ends, for whatever reason. */
  readonly #over = new AbortController();
  #underWay = 0;
  /** When others last had the thread, later by what was waited since; ms of the clock. */
  #resumedAt = 0;
  #wake: () => void = () => {};

  /** @throws InvalidOptionError */
  constructor(bus: EventBus, options: ReplayOptions & Pick<HistoryQuery, 'pattern'>) {
    const { pattern, source, correlationId, since, until, after, before, limit, order, concurrency = 1 } = options;
    const asked = { pattern, source, correlationId, since, until, after, before, limit, order };
    if (!(Number.isSafeInteger(concurrency) && concurrency > 0)) {
      throw new InvalidOptionError('concurrency', concurrency, 'a whole number from 1 on');
    }
    this.#bus = bus;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#pace = new Pace(options.speed ?? 'asap', order ?? 'asc');
    const given = Object.entries(asked).filter(([, value]) => value !== undefined);
    this.#query = { ...Object.fromEntries(given), signal: this.#over.signal };
  }

  async toEnd(): Promise<ReplayProgress> {
    const { signal } = this.#options;
    const abort = (): void => this.#end(signal?.reason);
    signal?.throwIfAborted();
    void this.#awaitClose();
    signal?.addEventListener('abort', abort);
    try {
      await this.#all();
      return this.#tally.progress;
    } catch (error) {
      // What stops it may fail the store, or the bus, before it is noticed here.
      throw this.#over.signal.aborted ? this.#over.signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#end(undefined);
    }
  }

  async #all(): Promise<void> {
    const { clock } = this.#bus;
    const tally = this.#tally;
    for await (const { offset } of this.#bus.history({ ...this.#query, order: 'desc', limit: 1 })) {
      tally.newest = offset;
    }
    if (tally.newest === undefined) return;
    this.#resumedAt = clock.precise();
    for await (const { offset, event } of this.#bus.history({ ...this.#query, before: tally.newest + 1 })) {
      const place: Place = { offset, timestamp: event.timestamp };
      if (!this.#passes(event)) {
        tally.skipped(place);
        this.#report();
      } else {
        await this.#pause(this.#pace.waitMs(event.timestamp, clock.precise()));
        await this.#begin(event, place);
        while (this.#underWay >= this.#concurrency) await this.#woken();
      }
      if (clock.precise() - this.#resumedAt > SLICE_MS) {
        // Not by the bus's clock: its timers keep no process alive, and this is no pause.
        await new Promise((resolve) => setTimeout(resolve, 0));
        this.#resumedAt = clock.precise();
      }
      this.#over.signal.throwIfAborted();
    }
    while (this.#underWay > 0) await this.#woken();
  }

  #passes(event: BusEvent): boolean {
    const passes: unknown = this.#options.filter?.(event) ?? true;
    // A promise would pass for true whatever becomes of it.
    if (!(passes instanceof Promise)) return Boolean(passes);
    passes.catch(() => {});
    throw new InvalidOptionError('filter', passes, 'a function that is not asynchronous');
  }

  async #begin(event: BusEvent, place: Place): Promise<void> {
    for (;;) {
      // The filter may have ended it.
      this.#over.signal.throwIfAborted();
      try {
        const emission = this.#emit(event);
        this.#tally.begun(place);
        this.#underWay++;
        void this.#follow(emission, place);
        return;
      } catch (error) {
        if (!(error instanceof QueueFullError)) throw error;
      }
      await this.#pause(NO_ROOM_MS);
    }
  }

  #emit(event: BusEvent): Emission {
    const { id, type, timestamp, source, correlationId, causationId, data, metadata, priority } = event;
    const { to, store, send } = this.#options;
    const replay = { to, store, send };
    const whole = { id, type, timestamp, source, correlationId, causationId, data, metadata, priority, replay };
    return this.#bus.emit(whole);
  }

  async #follow(emission: Emission, place: Place): Promise<void> {
    try {
      const result = await emission;
      // Handlers are faster than a store: without this, what waits for it would only grow.
      if (this.#options.store === true && result.status !== 'dropped') await emission.persisted;
      this.#underWay--;
      this.#tally.settled(place, result);
      if (!this.#over.signal.aborted) this.#report();
      this.#wake();
    } catch (error) {
      this.#end(error);
    }
  }

  #report(): void {
    this.#options.onProgress?.(this.#tally.progress);
  }

  async #pause(ms: number): Promise<void> {
    const { clock } = this.#bus;
    for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) {
      let isDue = false;
      const timer = clock.setTimeout(
        () => {
          isDue = true;
          this.#wake();
        },
        Math.min(left, LONGEST_TIMER_MS),
      );
      try {
        while (!isDue) await this.#woken();
      } finally {
        clock.clearTimeout(timer);
      }
    }
  }

  /** Resolves when something has happened; rejects when the replay is over. One waits at a time. */
  async #woken(): Promise<void> {
    const { clock } = this.#bus;
    this.#over.signal.throwIfAborted();
    const before = clock.precise();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#resumedAt += clock.precise() - before;
    this.#over.signal.throwIfAborted();
  }

  #end(reason: unknown): void {
    this.#over.abort(reason);
    this.#wake();
  }

  /** A pause may be long: a bus that closes does not wait for it, and no timer may be left. */
  async #awaitClose(): Promise<void> {
    const { signal } = this.#over;
    // It goes on when somebody has removed all subscriptions.
    while (!signal.aborted) {
      try {
        await this.#bus.waitFor(NEVER_EMITTED, { filter: () => false, signal });
      } catch (error) {
        if (error instanceof BusClosedError) this.#end(new BusClosedError('replay'));
      }
    }
  }
}
