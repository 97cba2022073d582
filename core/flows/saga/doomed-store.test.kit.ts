import { deferred } from '../../bus/deferred.test.kit.js';
import type { EventStore, Locks } from '../../index.js';

/** One node's way to a shared store, which crashes with the node: nothing is answered any more, and its locks are free. */
export class DoomedStore {
  readonly store: EventStore;
  readonly #crash = deferred<never>();
  #left: number;
  isCrashed = false;

  /** @param points how many moments, two for each call, before and after it is done, it lives through */
  constructor(shared: EventStore, points: number) {
    this.#left = points;
    const cursors = shared.cursors as NonNullable<EventStore['cursors']>;
    const letters = shared.deadLetters as NonNullable<EventStore['deadLetters']>;
    const locks = shared.locks as Locks;
    this.store = {
      name: shared.name,
      id: shared.id,
      caps: shared.caps,
      append: (...given) => this.#ask(() => shared.append(...given)),
      read: (query) => this.#read(shared, query),
      close: async () => {},
      deadLetters: {
        put: (...given) => this.#ask(() => letters.put(...given)),
        list: () => this.#ask(() => letters.list()),
        take: (id) => this.#ask(() => letters.take(id)),
      },
      cursors: {
        get: (name) => this.#ask(() => cursors.get(name)),
        claim: (...given) => this.#ask(() => cursors.claim(...given)),
        move: (...given) => this.#ask(() => cursors.move(...given)),
        list: () => this.#ask(() => cursors.list()),
        remove: (name) => this.#ask(() => cursors.remove(name)),
      },
      locks: {
        hold: (lock, options, work) =>
          this.isCrashed
            ? this.#crash.promise
            : locks.hold(lock, options, async (lost) => {
                await Promise.race([work(lost), this.#crash.promise.catch(() => {})]);
              }),
      },
    };
    this.#crash.promise.catch(() => {});
  }

  /** It lives on. */
  spare(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  crash(): void {
    this.isCrashed = true;
    this.#crash.reject(new Error('crashed'));
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    await this.#pass();
    const answer = await ask();
    await this.#pass();
    return answer;
  }

  async *#read(
    shared: EventStore,
    query: Parameters<EventStore['read']>[0],
  ): ReturnType<EventStore['read']> & AsyncGenerator {
    await this.#pass();
    for await (const stored of shared.read(query)) {
      if (this.isCrashed) await never();
      yield stored;
    }
  }

  /** Nothing comes back from a node that is gone, not even that it is. */
  async #pass(): Promise<void> {
    if (!this.isCrashed && this.#left-- <= 0) this.crash();
    if (this.isCrashed) await never();
  }
}

const never = (): Promise<never> => new Promise(() => {});
