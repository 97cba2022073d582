import type { BusEvent, HistoryQuery } from '../../index.js';
import type { ReplaySpeed } from './pace.js';
import type { ReplayProgress } from './progress.js';

/** Which events a replay takes out of the store, to whom, and how fast; every option may be left out. */
export interface ReplayOptions<E = BusEvent> extends Omit<HistoryQuery, 'pattern' | 'signal'> {
  /**
   * Names of the handlers that are called, as far as they are subscribed to the type: the `name` of their subscription,
   * or `durable`, or that of the plugin whose handlers they all are. A durable subscription is called only when it is named, on whatever node replays, and beside what it
   * reads by itself; its cursor stays. By default all handlers are called that are not durable. A name that nobody has
   * is no mistake: the progress says how many calls there were.
   */
  readonly to?: readonly string[];
  /** `asap` by default: each event when the one before it has settled. */
  readonly speed?: ReplaySpeed;
  /** Events it returns false for are passed by. What it throws ends the replay. */
  readonly filter?: (event: E) => boolean;
  /** Events under way at a time; with 1, the default, each has settled before the next one is begun. */
  readonly concurrency?: number;
  /** Called after each event. What it throws ends the replay. */
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Ends the replay, which rejects with its reason; what was begun goes on. */
  readonly signal?: AbortSignal;
  /** True stores the events once more, with the mark, and waits for the commits. */
  readonly store?: boolean;
  /** True sends the events to other nodes; those that have a store of their own keep them there. */
  readonly send?: boolean;
}
