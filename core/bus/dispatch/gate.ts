import type { EventEnvelope } from '../event/event.js';
import type { LiveEmission } from './delivery.js';
import type { Route } from './exit.js';
import { MiddlewareLine } from './middleware.js';
import type { Outcomes } from './outcomes.js';
import { type Checked, checkData, type Schemas, withVersion } from './schema.js';

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

/**
 * What an event has to pass before it is stored, sent or handled: the schema of its type, then the middleware, then the
 * schema again if that has changed the data.
 */
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
      passed: (emission, before) => this.#passed(emission, before),
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
  pass(emission: LiveEmission, route: Route, checked: Promise<Checked> | undefined): void {
    emission.awaitPassage(route);
    if (checked === undefined) this.line.pass(emission);
    else this.#await(emission, checked, () => this.line.pass(emission));
  }

  #await(emission: LiveEmission, checked: Promise<Checked>, then: () => void): void {
    this.#host.pending(1);
    this.#host.holds(1);
    const refuse = (error: unknown): void => {
      this.#host.holds(-1);
      this.#refused(emission, error);
    };
    const accept = ({ data }: Checked): void => {
      this.#host.holds(-1);
      if (data !== emission.event.data) emission.event = emission.event.with({ data });
      then();
    };
    void checked.then(accept, refuse).then(() => this.#host.pending(-1));
  }

  /** An event has passed the middleware. */
  #passed(emission: LiveEmission, before: EventEnvelope): void {
    if (this.schemas !== undefined && emission.event !== before && !this.#host.closed) {
      this.#again(emission, before, this.schemas);
    } else this.#admit(emission);
  }

  /** Asks for what middleware has changed; its data has the form of a schema's output already. */
  #again(emission: LiveEmission, before: EventEnvelope, schemas: Schemas): void {
    const { type, data, metadata } = emission.event;
    const { passed, version } = schemas.of(type);
    if (version !== undefined && metadata['schemaVersion'] !== version) {
      emission.event = emission.event.with({ metadata: withVersion(metadata, version) });
    }
    if (Object.is(data, before.data)) {
      this.#admit(emission);
      return;
    }
    let checked: Checked | Promise<Checked>;
    try {
      checked = checkData(passed, type, data);
    } catch (error) {
      this.#refused(emission, error);
      return;
    }
    if (checked instanceof Promise) {
      this.#await(emission, checked, () => this.#admit(emission));
      return;
    }
    if (checked.data !== data) emission.event = emission.event.with({ data: checked.data });
    this.#admit(emission);
  }

  #admit(emission: LiveEmission): void {
    if (this.#host.closed) this.#host.outcomes.finished(emission, 'dropped');
    else this.#host.passed(emission);
  }

  #refused(emission: LiveEmission, error: unknown): void {
    this.#host.outcomes.admissionFailed(emission, 'schema', 'schema', error);
    this.#vetoed(emission, 'schema');
  }

  #vetoed(emission: LiveEmission, by: string): void {
    emission.passed();
    this.#host.outcomes.vetoed(emission, by);
  }
}
