import { MiddlewareError } from '../errors.js';
import type { BusEvent, EventChanges, EventEnvelope } from '../event/event.js';
import { assertPriority } from './admit.js';
import type { Emission, LiveEmission } from './delivery.js';

/**
 * Lets the event go on, to the next middleware and then to its handlers, with other data, metadata or priority if
 * `changes` says so; await what it returns for the result. To be called once, before the middleware is over.
 *
 * @throws MiddlewareError, InvalidOptionError
 */
export type Next = (changes?: EventChanges) => Emission;

/** Stands between `emit` and everything else: an event goes no further unless it calls `next`. */
export type Middleware = (event: BusEvent, next: Next) => unknown;

/** How a middleware is put in line. */
export interface MiddlewareOptions {
  /** How results, failures and devtools name it; the function's own name by default. */
  readonly name?: string;
  /** Higher comes first; 0 by default, then in order of `use`. */
  readonly priority?: number;
}

interface Station {
  readonly name: string;
  readonly priority: number;
  readonly run: Middleware;
}

/** What the line of middleware tells its dispatcher. */
export interface MiddlewareHost {
  readonly closed: boolean;
  /** The event passed all of them; `before` is what it was then. */
  passed(emission: LiveEmission, before: EventEnvelope): void;
  vetoed(emission: LiveEmission, by: string): void;
  failed(emission: LiveEmission, by: string, error: unknown): void;
  /** A middleware has become asynchronous, or that work is over. */
  pending(change: 1 | -1): void;
  /** An event waits for that, or no longer does. */
  holds(change: 1 | -1): void;
}

/** Middleware in the order events meet it. */
export class MiddlewareLine {
  readonly #host: MiddlewareHost;
  #stations: readonly Station[] = [];

  constructor(host: MiddlewareHost) {
    this.#host = host;
  }

  get empty(): boolean {
    return this.#stations.length === 0;
  }

  use(run: Middleware, { name, priority = 0 }: MiddlewareOptions): () => void {
    const station: Station = { name: name ?? (run.name || 'middleware'), priority, run };
    this.#stations = [...this.#stations, station].sort((a, b) => b.priority - a.priority);
    return () => {
      this.#stations = this.#stations.filter((one) => one !== station);
    };
  }

  clear(): void {
    this.#stations = [];
  }

  pass(emission: LiveEmission): void {
    this.#step(emission, this.#stations, 0, emission.event);
  }

  #step(emission: LiveEmission, stations: readonly Station[], at: number, before: EventEnvelope): void {
    const station = stations[at];
    // After the bus has closed no middleware runs either: who passes is dropped.
    if (station === undefined || this.#host.closed) {
      this.#host.passed(emission, before);
      return;
    }
    const { name, run } = station;
    let open = true;
    let proceeded = false;
    let held = false;
    const letGo = (): void => {
      if (held) this.#host.holds(-1);
      held = false;
    };
    const next: Next = (changes) => {
      if (!open) throw new MiddlewareError(name, `called next ${proceeded ? 'twice' : 'after it was over'}`);
      if (changes !== undefined && changes !== emission.event) {
        assertPriority(changes.priority);
        emission.event = emission.event.with(changes);
      }
      open = false;
      proceeded = true;
      letGo();
      this.#step(emission, stations, at + 1, before);
      return emission;
    };
    const over = (): void => {
      open = false;
      letGo();
      if (!proceeded) this.#host.vetoed(emission, name);
    };
    const failed = (error: unknown): void => {
      this.#host.failed(emission, name, error);
      over();
    };
    try {
      const returned = run(emission.event, next);
      if (returned === emission || typeof (returned as { then?: unknown } | null)?.then !== 'function') over();
      else {
        this.#host.pending(1);
        held = !proceeded;
        if (held) this.#host.holds(1);
        const settled = Promise.resolve(returned).then(over, failed);
        void settled.then(() => this.#host.pending(-1));
      }
    } catch (error) {
      failed(error);
    }
  }
}
