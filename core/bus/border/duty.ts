import type { Clock } from '../clock.js';
import type { EventStore } from '../ports.js';

/** So often within a lease the one on duty is looked after. */
const LOOKS = 4;

/** What a duty is made of. */
export interface DutyParts {
  readonly store: EventStore;
  /** Of the group and its durable subscription. */
  readonly name: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  /**
   * What changes with every sign of life of the one on duty, while events wait for it; undefined while none do, `free`
   * when nobody has ever been on duty.
   */
  readonly sign: () => Promise<string | undefined>;
}

/**
 * Has one node at a time do the work of a group: the one that holds the lock, and when events lie for a whole lease
 * without a sign of life from it, as from a frozen page, another one that takes it by force.
 */
export class Duty {
  readonly #parts: DutyParts;

  constructor(parts: DutyParts) {
    this.#parts = parts;
  }

  /**
   * Waits for its turn, and resolves when that is over; `lost` aborts when another node has it. Calls `looked` when it
   * has not come at once.
   */
  async turn(ended: AbortSignal, looked: () => void, work: (lost: AbortSignal) => Promise<void>): Promise<void> {
    const { store, name } = this.#parts;
    const { locks } = store;
    if (ended.aborted) return;
    // Nobody says whose turn it is: it is that of who is alone, or finds the work undone.
    if (!store.caps.shared || (locks === undefined && (await this.#isAbandoned(ended, looked))))
      await work(neverLost());
    if (!store.caps.shared || locks === undefined) return;
    const [waiting, watching] = [new AbortController(), new AbortController()];
    const stop = (): void => {
      waiting.abort(ended.reason);
      watching.abort();
    };
    ended.addEventListener('abort', stop, { once: true });
    void this.#isAbandoned(watching.signal, looked).then((is) => {
      if (is) waiting.abort();
    });
    const begin = (lost: AbortSignal): Promise<void> => {
      watching.abort();
      return work(lost);
    };
    try {
      await locks.hold(name, { signal: waiting.signal }, begin);
    } catch (error) {
      if (!waiting.signal.aborted) throw error;
      if (!ended.aborted) await locks.hold(name, { signal: ended, steal: true }, work);
    } finally {
      watching.abort();
      ended.removeEventListener('abort', stop);
    }
  }

  /** Calls `beat` now and then while this node is on duty, for those who wait to see. */
  async beat(over: AbortSignal, beat: () => void): Promise<void> {
    const { clock, leaseMs } = this.#parts;
    while (!over.aborted) {
      await pause(clock, leaseMs / LOOKS, over);
      if (!over.aborted) beat();
    }
  }

  /** Resolves with true when events lie and whoever is on duty has given no sign of life for a lease. */
  async #isAbandoned(signal: AbortSignal, looked: () => void): Promise<boolean> {
    const { clock, leaseMs, sign } = this.#parts;
    let before: string | undefined;
    // Looks are counted, not time: a page that was frozen itself has seen nothing meanwhile.
    for (let same = 0; same < LOOKS; ) {
      const now = await sign().catch(() => undefined);
      if (now === 'free' && this.#parts.store.locks === undefined) return !signal.aborted;
      if (!signal.aborted) looked();
      same = now !== undefined && now === before ? same + 1 : 0;
      before = now;
      if (same < LOOKS && !signal.aborted) await pause(clock, leaseMs / LOOKS, signal);
      if (signal.aborted) return false;
    }
    return true;
  }
}

function neverLost(): AbortSignal {
  return new AbortController().signal;
}

/** Resolves after a time, or when the signal aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
