import { BusClosedError } from '../errors.js';
import { deepFreeze, type EventDetails, EventEnvelope, Instant, type Origin } from '../event/event.js';
import type { ReplayMark } from './admit.js';
import { Arrivals, type Refused } from './arrivals.js';
import type { Backlog } from './backlog.js';
import { LiveEmission } from './delivery.js';
import type { Dispatcher } from './dispatch.js';
import type { Exit, Route } from './exit.js';
import { Gate, type GateHost } from './gate.js';
import { childLineage, type Lineage } from './lineage.js';
import type { Outcomes } from './outcomes.js';
import { checkData, type Schemas, withVersion } from './schema.js';

/** What the way in is made of. */
export interface IntakeParts {
  readonly dispatcher: Dispatcher;
  readonly backlog: Backlog;
  readonly outcomes: Outcomes;
  readonly schemas: Schemas | undefined;
  readonly freeze: boolean;
}

/** The way of an event to the queue where it is more than a plain emit: its chain, its schema, room, the gate, the exit. */
export class Intake implements GateHost {
  readonly outcomes: Outcomes;
  readonly gate: Gate;
  /** Where events go beside this node's handlers. */
  exit: Exit | null = null;
  /** Events that came from other nodes. */
  arrived = 0;
  /** Where events of other nodes are checked; undefined on a bus without schemas. */
  readonly arrivals: Arrivals | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #backlog: Backlog;
  readonly #freeze: boolean;

  constructor({ dispatcher, backlog, outcomes, schemas, freeze }: IntakeParts) {
    this.#dispatcher = dispatcher;
    this.#backlog = backlog;
    this.outcomes = outcomes;
    this.#freeze = freeze;
    this.gate = new Gate(schemas, this);
    this.arrivals =
      schemas &&
      new Arrivals({
        schemas,
        clock: dispatcher.clock,
        backlog,
        outcomes,
        isBusy: () => dispatcher.running !== undefined,
        responds: (type) => dispatcher.responds(type),
        passed: (emission) => this.passed(emission),
        pending: (change) => this.pending(change),
      });
  }

  /** Whether an emitted event may go straight to its handlers. */
  get open(): boolean {
    return !this.#freeze && !this.#backlog.isLimited && this.exit === null && this.gate.open;
  }

  get closed(): boolean {
    return this.#dispatcher.closed;
  }

  /**
   * Takes in an event that is emitted here.
   *
   * @throws BusClosedError, DepthLimitError, SchemaError, QueueFullError
   */
  introduce(
    origin: Origin,
    type: string,
    data: unknown,
    timestamp: number | undefined,
    details: EventDetails | undefined,
    route: Route,
    parent?: LiveEmission,
  ): LiveEmission {
    const dispatcher = this.#dispatcher;
    if (this.closed) throw new BusClosedError('emit');
    const now = dispatcher.instant();
    const lineage = this.#lineage(type, parent, details?.causationId, now);
    const rule = this.gate.schemas?.of(type);
    const checked = rule === undefined ? { data } : checkData(rule.emitted, type, data);
    const pending = checked instanceof Promise ? checked : undefined;
    const own = checked instanceof Promise ? data : checked.data;
    const isBusy = dispatcher.running !== undefined;
    const hasRoom = this.#backlog.makeRoom(type, isBusy, lineage?.fromFlight === true, true);
    const sequence = dispatcher.nextSequence();
    const instant = timestamp === undefined ? now : new Instant(timestamp);
    let all = lineage?.ofError === true ? { ...details, ofError: true } : details;
    if (rule?.version !== undefined) all = { ...all, metadata: withVersion(all?.metadata, rule.version) };
    const event = new EventEnvelope(origin, type, own, instant, sequence, all);
    const emission = new LiveEmission(dispatcher, event, lineage);
    if (!hasRoom) this.outcomes.discarded(emission, undefined);
    else if (pending === undefined && this.gate.line.empty) this.#admit(emission, route);
    else this.gate.pass(emission, route, pending);
    return emission;
  }

  /** Takes in an event that comes from another node; `refused` is called, now or later, when its schema refuses it. */
  arrive(event: EventEnvelope, route: Route, refused: Refused, isSealed: boolean): LiveEmission {
    const dispatcher = this.#dispatcher;
    if (this.closed) throw new BusClosedError('emit');
    this.arrived++;
    const emission = new LiveEmission(dispatcher, event);
    if (this.arrivals !== undefined) {
      emission.awaitPassage(route);
      this.arrivals.take(emission, refused, isSealed);
      return emission;
    }
    const isBusy = dispatcher.running !== undefined;
    if (this.#backlog.makeRoom(event.type, isBusy, false, false)) this.#admit(emission, route);
    else this.outcomes.discarded(emission, undefined);
    return emission;
  }

  /**
   * Takes in an event of the past that is to be handled again (S8): schemas and middleware have let it pass before.
   *
   * @throws BusClosedError, DepthLimitError, QueueFullError
   */
  replay(
    origin: Origin,
    type: string,
    data: unknown,
    timestamp: number | undefined,
    details: EventDetails,
    { to, store, send }: ReplayMark,
  ): LiveEmission {
    const dispatcher = this.#dispatcher;
    if (this.closed) throw new BusClosedError('emit');
    const now = dispatcher.instant();
    // A handler that replays what it is called with is a loop like any other (Q4).
    const lineage = this.#lineage(type, undefined, undefined, now);
    const isBusy = dispatcher.running !== undefined;
    const hasRoom = this.#backlog.makeRoom(type, isBusy, lineage?.fromFlight === true, true);
    const metadata = Object.freeze({ ...details.metadata, replayed: true });
    const ofError = lineage?.ofError || undefined;
    const instant = timestamp === undefined ? now : new Instant(timestamp);
    const all = { ...details, metadata, ttlMs: undefined, request: undefined, ofError };
    const event = new EventEnvelope(origin, type, data, instant, dispatcher.nextSequence(), all);
    const emission = new LiveEmission(dispatcher, event, lineage);
    if (to !== undefined) emission.address(to);
    if (hasRoom) this.#admit(emission, routeOf(store === true, send === true));
    else this.outcomes.discarded(emission, undefined);
    return emission;
  }

  /** An event has come through the gate. */
  passed(emission: LiveEmission): void {
    emission.passed();
    this.#admit(emission, emission.route);
  }

  /** Freezes the data of an event, on a bus that is to. */
  freeze(event: EventEnvelope): void {
    if (this.#freeze) deepFreeze(event.data);
  }

  pending(change: 1 | -1): void {
    this.#backlog.pending(change);
    if (change === -1) this.#dispatcher.release();
  }

  holds(change: 1 | -1): void {
    this.#backlog.holds(change);
  }

  #admit(emission: LiveEmission, route: Route): void {
    const { event } = emission;
    this.freeze(event);
    const { inspector } = this.#dispatcher;
    inspector?.tell({ kind: 'emitted', event: inspector.view(event), node: EventEnvelope.nodeOf(event) });
    if (this.exit?.offer(emission, route) === true) this.#enqueueWhenCommitted(emission);
    else this.#dispatcher.enqueue(emission);
  }

  #enqueueWhenCommitted(emission: LiveEmission): void {
    this.pending(1);
    this.holds(1);
    const then = (run: () => void) => () => {
      this.holds(-1);
      run();
      this.pending(-1);
    };
    emission.persisted.then(
      then(() => this.#dispatcher.enqueue(emission)),
      then(() => this.outcomes.finished(emission, 'dropped')),
    );
  }

  /** @throws DepthLimitError */
  #lineage(
    type: string,
    given: LiveEmission | undefined,
    causationId: string | undefined,
    now: Instant,
  ): Lineage | undefined {
    const { running } = this.#dispatcher;
    const parent = given ?? running ?? this.#backlog.cause(causationId);
    if (parent === undefined) return undefined;
    return childLineage(type, parent, now, running === undefined, this.#backlog.limits.maxDepth);
  }
}

function routeOf(isStored: boolean, isSent: boolean): Route {
  if (isStored) return isSent ? 'anywhere' : 'local';
  return isSent ? 'unstored' : 'nowhere';
}
