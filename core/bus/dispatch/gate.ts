import type { LiveEmission } from './delivery.js';
import type { Route } from './exit.js';
import { MiddlewareLine } from './middleware.js';
import type { Outcomes } from './outcomes.js';
import type { Schemas } from './schema.js';

/** What the gate tells the dispatcher. */
export interface GateHost {
  readonly outcomes: Outcomes;
  readonly closed: boolean;
  /** The event may go on. */
  passed(emission: LiveEmission): void;
  /** A schema or middleware has become asynchronous, or that work is over. */
  pending(change: 1 | -1): void;
  /** An event waits for that, or no longer does. */
  holds(change: 1 | -1): void;
}

/** What an event has to pass before it is stored, sent or handled: the schema of its type, then the middleware. */
export class Gate {
  readonly schemas: Schemas | undefined;
  readonly line: MiddlewareLine;
  readonly #host: GateHost;

  constructor(schemas: Schemas | undefined, host: GateHost) {
    this.schemas = schemas;
    this.#host = host;
    this.line = new MiddlewareLine({
      get closed() {
        return host.closed;
      },
      passed: (emission) => this.#passed(emission),
      vetoed: (emission, by) => this.#vetoed(emission, by),
      failed: (emission, by, error) => host.outcomes.admissionFailed(emission, 'middleware', by, error),
      pending: (change) => host.pending(change),
      holds: (change) => host.holds(change),
    });
  }

  /** Whether every event may pass. */
  get open(): boolean {
    return this.schemas === undefined && this.line.empty;
  }

  /** Takes an event through the gate; `checked` is the promise of its schema, if that is asynchronous. */
  pass(emission: LiveEmission, route: Route, checked: Promise<{ readonly data: unknown }> | undefined): void {
    emission.awaitPassage(route);
    if (checked === undefined) {
      this.line.pass(emission);
      return;
    }
    this.#host.pending(1);
    this.#host.holds(1);
    const refuse = (error: unknown): void => {
      this.#host.holds(-1);
      this.#host.outcomes.admissionFailed(emission, 'schema', 'schema', error);
      this.#vetoed(emission, 'schema');
    };
    const accept = ({ data }: { readonly data: unknown }): void => {
      this.#host.holds(-1);
      if (data !== emission.event.data) emission.event = emission.event.with({ data });
      this.line.pass(emission);
    };
    void checked.then(accept, refuse).then(() => this.#host.pending(-1));
  }

  #passed(emission: LiveEmission): void {
    emission.passed();
    if (this.#host.closed) this.#host.outcomes.finished(emission, 'dropped');
    else this.#host.passed(emission);
  }

  #vetoed(emission: LiveEmission, by: string): void {
    emission.passed();
    this.#host.outcomes.vetoed(emission, by);
  }
}
