import { deferred } from '../deferred.test.kit.js';
import type { CursorStore, EventStore, Locks } from '../ports.js';

/** One node's way to a store that it shares: it can freeze, and then nothing it asks is answered, or crash for good. */
export class NodeStore {
  readonly store: EventStore;
  #thaw: ReturnType<typeof deferred<void>> | undefined;
  readonly #crashed = deferred<void>();

  constructor(shared: EventStore) {
    const { name, id, caps, deadLetters } = shared;
    const cursors = shared.cursors as CursorStore;
    const locks = shared.locks as Locks;
    const answer = async <T>(ask: () => Promise<T>): Promise<T> => {
      await this.#thaw?.promise;
      const answered = await ask();
      // It may have frozen meanwhile.
      await this.#thaw?.promise;
      return answered;
    };
    this.store = {
      ...{ name, id, caps },
      append: (...append) => answer(() => shared.append(...append)),
      read: (query) => this.#read(shared, query),
      close: async () => {},
      ...(deadLetters && {
        deadLetters: {
          put: (...put) => answer(() => deadLetters.put(...put)),
          list: () => answer(() => deadLetters.list()),
          take: (letter) => answer(() => deadLetters.take(letter)),
        },
      }),
      cursors: {
        get: (cursor) => answer(() => cursors.get(cursor)),
        claim: (...claim) => answer(() => cursors.claim(...claim)),
        move: (...move) => answer(() => cursors.move(...move)),
        list: () => answer(() => cursors.list()),
        remove: (cursor) => answer(() => cursors.remove(cursor)),
      },
      locks: {
        // Whoever freezes keeps its lock; a crash frees it, and nobody is told.
        hold: (lock, options, work) =>
          locks.hold(lock, options, async (lost) => {
            await Promise.race([this.#thaw?.promise, this.#crashed.promise]);
            await Promise.race([work(lost), this.#crashed.promise]);
          }),
      },
    };
  }

  freeze(): void {
    this.#thaw ??= deferred<void>();
  }

  thaw(): void {
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  crash(): void {
    this.#thaw = deferred<void>();
    this.#crashed.resolve();
  }

  async *#read(
    shared: EventStore,
    query: Parameters<EventStore['read']>[0],
  ): ReturnType<EventStore['read']> & AsyncGenerator {
    await this.#thaw?.promise;
    for await (const stored of shared.read(query)) {
      await this.#thaw?.promise;
      yield stored;
    }
  }
}
