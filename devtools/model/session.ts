import { compileFilter } from './filter/compile-filter.js';
import { parseFilter } from './filter/parse-filter.js';
import { LiveMatches } from './live-matches.js';
import type { Recorder } from './recorder.js';

/** Time a frame may spend on testing events against the filter, and on finding out what belongs together. */
const SEARCH_BUDGET_MS = 6;
const INDEX_BUDGET_MS = 4;

/** Runs a function before the next paint. */
export type FrameScheduler = (run: () => void) => void;

/** What an open panel shows of the log: fixed from one frame to the next, so that all views agree. */
export interface Snapshot {
  /** Counts frames that brought something new. */
  readonly version: number;
  /** Sequence numbers of the events kept: from tail, up to but not including head. */
  readonly head: number;
  readonly tail: number;
  readonly evicted: number;
  /** Events that came by while recording was paused. */
  readonly missed: number;
  readonly paused: boolean;
  readonly filter: string;
  /** What of the filter could not be understood. */
  readonly problems: readonly string[];
  /** Events that pass the filter. */
  readonly matches: number;
  /** Whether there are events that have not been tested yet. */
  readonly searching: boolean;
  readonly total: number;
  readonly failures: number;
  readonly refused: number;
  readonly discarded: number;
  readonly lost: number;
  readonly untold: number;
  /** What plugins and other nodes wanted and may not, and records of theirs that a schema or codec refused. */
  readonly denied: number;
}

/** One panel's look at a recorder: follows it at most once a frame, and only while somebody subscribes. */
export class Session {
  readonly recorder: Recorder;
  readonly matches: LiveMatches;
  readonly #schedule: FrameScheduler;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot;
  #filter = '';
  #problems: readonly string[] = [];
  #scheduled = false;
  #unfollow: (() => void) | undefined;

  constructor(recorder: Recorder, schedule: FrameScheduler, now: () => number = () => performance.now()) {
    this.recorder = recorder;
    this.#schedule = schedule;
    this.#now = now;
    this.matches = new LiveMatches(recorder, now);
    this.#snapshot = this.#look(0, true);
  }

  readonly getSnapshot = (): Snapshot => this.#snapshot;

  readonly subscribe = (onFrame: () => void): (() => void) => {
    this.#listeners.add(onFrame);
    if (this.#listeners.size === 1) {
      this.#unfollow = this.recorder.changes.subscribe(this.#request);
      this.#request();
    }
    return () => {
      this.#listeners.delete(onFrame);
      if (this.#listeners.size > 0) return;
      this.#unfollow?.();
      this.#unfollow = undefined;
    };
  };

  setFilter(filter: string): void {
    const parsed = parseFilter(filter);
    this.#filter = filter;
    this.#problems = parsed.problems;
    this.matches.filter = compileFilter(parsed, this.recorder);
    this.#step();
  }

  readonly #request = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      if (this.#listeners.size > 0) this.#step();
    });
  };

  #step(): void {
    const { recorder } = this;
    recorder.changes.acknowledge();
    const until = this.#now() + INDEX_BUDGET_MS;
    const isIndexed = recorder.chains.update(() => this.#now() < until);
    const isSearched = this.matches.advance(SEARCH_BUDGET_MS);
    this.#snapshot = this.#look(this.#snapshot.version + 1, isSearched);
    if (!isIndexed || !isSearched) this.#request();
    for (const listener of this.#listeners) listener();
  }

  #look(version: number, complete: boolean): Snapshot {
    const { events, refusals, traffic, missed, paused } = this.recorder;
    return {
      version,
      head: events.head,
      tail: events.tail,
      evicted: events.evicted,
      missed,
      paused,
      filter: this.#filter,
      problems: this.#problems,
      matches: this.matches.count,
      searching: !complete,
      total: traffic.local + traffic.arrived,
      failures: traffic.failures,
      refused: traffic.refused,
      discarded: traffic.discarded,
      lost: traffic.lost,
      untold: traffic.untold,
      denied: refusals.total,
    };
  }
}
