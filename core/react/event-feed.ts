import type { BusEvent, EventScope } from '../index.js';
import { type Publisher, publishWithFrame } from './frame.js';

/** What a feed follows. */
export interface FeedQuery {
  readonly pattern: string | readonly string[];
  /** How many events it keeps, the latest. */
  readonly limit: number;
  /** Whether it begins with those that the store has. */
  readonly fromStore: boolean;
}

/** What components render of a feed; another object only when there is something else to render. */
export interface FeedSnapshot {
  /** The oldest first. */
  readonly events: readonly BusEvent[];
  /** Why the store could not be read. */
  readonly failure: { readonly error: unknown } | undefined;
}

const nothing: FeedSnapshot = Object.freeze({ events: Object.freeze([]), failure: undefined });

/** What a server renders, which gets no events, and what a page begins with. */
export const serverSnapshot = (): FeedSnapshot => nothing;

/** The latest events of a pattern, for all components that ask for the same: one subscription, one list a frame. */
export class EventFeed implements Publisher {
  readonly #bus: EventScope;
  readonly #query: FeedQuery;
  /** Told when it begins to be used, and when nobody uses it any more. */
  readonly #used: (feed: EventFeed, isUsed: boolean) => void;
  readonly #listeners = new Set<() => void>();
  #snapshot = nothing;
  #events: BusEvent[] = [];
  #failure: FeedSnapshot['failure'];
  #end: (() => void) | undefined;
  #users = 0;

  constructor(bus: EventScope, query: FeedQuery, used: (feed: EventFeed, isUsed: boolean) => void) {
    this.#bus = bus;
    this.#query = query;
    this.#used = used;
  }

  get isUsed(): boolean {
    return this.#users > 0;
  }

  readonly snapshot = (): FeedSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Follows the events until all who have called it have called what it returns. @throws as `on` */
  readonly follow = (): (() => void) => {
    this.#end ??= this.#begin();
    this.#users++;
    return () => {
      if (--this.#users > 0) return;
      this.#end?.();
      this.#end = undefined;
    };
  };

  publish(): void {
    this.#trim();
    this.#snapshot = { events: this.#events.slice(), failure: this.#failure };
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #begin(): () => void {
    const { pattern, limit, fromStore } = this.#query;
    const off = this.#bus.on(
      pattern,
      (event) => {
        this.#events.push(event);
        // Now and then: where no frame comes, as in a hidden page, it must not grow.
        if (this.#events.length > 2 * limit) this.#trim();
        publishWithFrame(this);
      },
      { name: 'useEventHistory' },
    );
    const reading = new AbortController();
    if (fromStore) void this.#read(reading.signal);
    this.#used(this, true);
    return () => {
      off();
      reading.abort();
      this.#used(this, false);
    };
  }

  /** Puts what the store has before what came meanwhile. */
  async #read(signal: AbortSignal): Promise<void> {
    const { pattern, limit } = this.#query;
    // From before it was hidden; what is stored now may be later.
    const old = new Set(this.#events);
    const stored: BusEvent[] = [];
    try {
      for await (const { event } of this.#bus.history({ pattern, limit, order: 'desc', signal })) stored.unshift(event);
      if (signal.aborted) return;
      // An event that came itself stays what it is: its data was not copied.
      const known = new Map([...old, ...this.#events].map((event) => [event.id, event]));
      const all = new Map(stored.map((event) => [event.id, known.get(event.id) ?? event]));
      for (const event of this.#events) if (!old.has(event)) all.set(event.id, event);
      this.#events = [...all.values()];
    } catch (error) {
      if (signal.aborted) return;
      this.#failure = { error };
    }
    publishWithFrame(this);
  }

  #trim(): void {
    const extra = this.#events.length - this.#query.limit;
    if (extra > 0) this.#events.splice(0, extra);
  }
}
