import type { Clock } from '../clock.js';
import { BusClosedError } from '../errors.js';
import { deepFreeze, type EventDetails, EventEnvelope, type Origin } from '../event/event.js';
import type { Inspector } from '../inspection.js';
import type { Registry, Topic } from '../router/registry.js';
import { GUARDED, handlerInfo, LIVE, type Registration } from '../router/subscription.js';
import { type EmitOptions, type EventCause, eventDetails } from './admit.js';
import { type Emission, type Emitter, LiveEmission, UnheardEmission } from './delivery.js';
import type { Exit, Route } from './exit.js';
import type { Failure } from './failure.js';
import { Outcomes } from './outcomes.js';
import { EventQueue } from './queue.js';
import { type Then, Tier, type TierOwner } from './tier.js';

/** What a dispatcher is made of. */
export interface DispatcherParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly origin: Origin;
  readonly nodeId: () => string;
  readonly freeze: boolean;
  readonly report: (failure: Failure) => void;
  readonly remove: (registration: Registration) => void;
  /** Called whenever the last asynchronous work ends. */
  readonly onIdle: () => void;
}

/** The one path an event takes to its handlers, whether it was emitted here, arrived, or was replayed. */
export class Dispatcher implements Emitter, TierOwner {
  readonly origin: Origin;
  /** Asynchronous work under way: tiers that wait, and events that wait for their commit. */
  inFlight = 0;
  readonly onIdle: () => void;
  private readonly registry: Registry;
  private readonly clock: Clock;
  private readonly nameNode: () => string;
  private readonly freeze: boolean;
  private readonly outcomes: Outcomes;
  private readonly remove: (registration: Registration) => void;
  private readonly queue = new EventQueue<LiveEmission>();
  /** Null when nobody watches (I2). */
  inspector: Inspector | null = null;
  private exit: Exit | null = null;
  /** Nothing but handlers concerns itself with events: no store, transport, observer or freezing. */
  private quiet: boolean;
  private running = false;
  private sequence = 0;
  // An array, as engines box a fraction-sized number anew each time it is put into a field: 15 ns an emit.
  private readonly lastTimestamp = new Float64Array(1);

  constructor(parts: DispatcherParts) {
    this.registry = parts.registry;
    this.clock = parts.clock;
    this.origin = parts.origin;
    this.nameNode = parts.nodeId;
    this.freeze = parts.freeze;
    this.outcomes = new Outcomes(parts.report);
    this.remove = parts.remove;
    this.onIdle = parts.onIdle;
    this.quiet = !parts.freeze;
  }

  get nodeId(): string {
    return this.nameNode();
  }

  /** Sets the way out of the node, and who watches. */
  attach(exit: Exit | null, inspector: Inspector | null): void {
    this.exit = exit;
    this.inspector = inspector;
    this.outcomes.inspector = inspector;
    this.quiet = !this.freeze && exit === null && inspector === null;
  }

  /** Events emitted so far. */
  get emitted(): number {
    return this.sequence;
  }

  emit(origin: Origin, type: string, data: unknown, options?: EmitOptions, cause?: EventCause): Emission {
    const { registry } = this;
    let topic = registry.topics.get(type);
    if (topic === undefined || topic.generation !== registry.generation) {
      topic = registry.resolve(type, topic, this.sequence);
    }
    const details = options === undefined && cause === undefined ? undefined : eventDetails(options, cause);
    this.sequence++;
    if (topic.list.length === 0 && this.quiet && !this.running) return this.unheard(origin, type, data, details);
    const event = new EventEnvelope(origin, type, data, this.timestamp(), this.sequence, details);
    const emission = new LiveEmission(this, event);
    if (this.running || !this.quiet) this.admit(emission, options?.local === true ? 'local' : 'anywhere');
    else {
      this.running = true;
      this.deliver(topic, emission, 0);
      if (this.queue.size !== 0) this.drain();
      this.running = false;
    }
    return emission;
  }

  // Not in `emit` itself: what it would add there costs the events that are heard more than a call costs these.
  private unheard(origin: Origin, type: string, data: unknown, details: EventDetails | undefined): Emission {
    const after = this.lastTimestamp[0] || this.timestamp();
    return new UnheardEmission(this, origin, type, data, after, this.sequence, details);
  }

  /** Dispatches an event that exists already: one that arrived, is replayed, or was given whole. */
  dispatch(event: EventEnvelope, route: Route): LiveEmission {
    if (this.registry.closed) throw new BusClosedError('emit');
    this.topic(event.type);
    const emission = new LiveEmission(this, event);
    this.admit(emission, route);
    return emission;
  }

  /** The next event's place in the order of emission. */
  nextSequence(): number {
    return ++this.sequence;
  }

  timestamp(): number {
    const now = this.clock.now();
    const last = this.lastTimestamp[0] as number;
    if (now < last) return last;
    this.lastTimestamp[0] = now;
    return now;
  }

  /** Lets events that still wait go undelivered. */
  close(): void {
    for (let emission = this.queue.shift(); emission !== undefined; emission = this.queue.shift()) {
      this.outcomes.finished(emission, 'dropped');
    }
  }

  private admit(emission: LiveEmission, route: Route): void {
    const { event } = emission;
    if (this.freeze) deepFreeze(event.data);
    const inspector = this.inspector;
    inspector?.tell({ kind: 'emitted', event: inspector.view(event), node: EventEnvelope.nodeOf(event) });
    if (this.exit?.offer(emission, route) === true) this.runWhenCommitted(emission);
    else this.enqueue(emission);
  }

  private runWhenCommitted(emission: LiveEmission): void {
    this.inFlight++;
    const then = (run: () => void) => () => {
      run();
      this.leaveFlight();
    };
    emission.persisted.then(
      then(() => this.enqueue(emission)),
      then(() => this.outcomes.finished(emission, 'dropped')),
    );
  }

  /** Run to completion (D5): an event emitted inside a handler waits until the current one was offered to its handlers. */
  private enqueue(emission: LiveEmission): void {
    this.queue.push(emission);
    if (!this.running) this.run();
  }

  private run(): void {
    this.running = true;
    this.drain();
    this.running = false;
  }

  private drain(): void {
    for (let emission = this.queue.shift(); emission !== undefined; emission = this.queue.shift()) {
      if (this.registry.closed) this.outcomes.finished(emission, 'dropped');
      else if (emission.event.cancelled) this.outcomes.finished(emission, 'cancelled');
      else this.deliver(this.topic(emission.event.type), emission, 0);
    }
  }

  private topic(type: string): Topic {
    const topic = this.registry.topics.get(type);
    if (topic !== undefined && topic.generation === this.registry.generation) return topic;
    return this.registry.resolve(type, topic, this.sequence);
  }

  /** Calls the handlers of a list from index `from` on, until the end, a cancel, or a tier that has to be waited for. */
  private deliver(topic: Topic, emission: LiveEmission, from: number): void {
    const { list } = topic;
    const { event } = emission;
    const inspector = this.inspector;
    let tier: Tier | undefined;
    let called = 0;
    let i = from;
    topic.busy++;
    for (; i < list.length; i++) {
      const registration = list[i] as Registration;
      if (tier !== undefined && registration.priority !== tier.priority) break;
      if (registration.state !== LIVE && !this.admits(registration, emission)) {
        if (event.cancelled) break;
        continue;
      }
      called++;
      const startedAt = inspector === null ? 0 : inspector.started(event, handlerInfo(registration));
      try {
        const { handler } = registration;
        const returned = handler(event, emission);
        if (returned !== undefined) tier = this.take(returned, topic, emission, tier, registration, startedAt);
        else if (inspector !== null) inspector.settled(event, handlerInfo(registration), startedAt, 'ok');
      } catch (error) {
        this.outcomes.failed(registration, emission, startedAt, error);
      }
      if (event.cancelled) break;
    }
    emission.delivered += called;
    if (event.cancelled) {
      emission.canceller = list[i];
      i = list.length;
    }
    if (tier !== undefined) tier.next = i;
    else {
      topic.busy--;
      if (inspector === null) emission.settle(event.cancelled ? 'cancelled' : 'delivered');
      else this.outcomes.finished(emission, event.cancelled ? 'cancelled' : 'delivered');
    }
  }

  /** Waits for what a handler returned, if that is a promise of any kind, and returns the tier it then belongs to. */
  private take(
    returned: unknown,
    topic: Topic,
    emission: LiveEmission,
    tier: Tier | undefined,
    registration: Registration,
    startedAt: number,
  ): Tier | undefined {
    if (returned !== null && returned !== emission) {
      // Read once (D11): a getter may answer differently the second time.
      const { then } = returned as { then?: unknown };
      if (typeof then === 'function') {
        const joined = tier ?? new Tier(this.outcomes, topic, emission, registration.priority, this);
        if (tier === undefined) this.inFlight++;
        joined.join(registration, startedAt, returned, then as Then);
        return joined;
      }
    }
    this.outcomes.succeeded(registration, emission, startedAt);
    return tier;
  }

  private admits(registration: Registration, emission: LiveEmission): boolean {
    const { options } = registration;
    // An abort listener that ran before the bus's own may have emitted (D6).
    if (registration.state !== GUARDED || options?.signal?.aborted === true) return false;
    if (options?.filter !== undefined) {
      try {
        if (!options.filter(emission.event)) return false;
      } catch (error) {
        this.outcomes.filterFailed(registration, emission, error);
        return false;
      }
      // The filter may itself have unsubscribed the handler, or cancelled the event.
      if (registration.state !== GUARDED || emission.event.cancelled) return false;
    }
    if (options?.once === true) this.remove(registration);
    return true;
  }

  completed(tier: Tier): void {
    const { topic, emission, next } = tier;
    topic.busy--;
    if (emission.event.cancelled) this.outcomes.finished(emission, 'cancelled');
    else if (next >= topic.list.length) this.outcomes.finished(emission, 'delivered');
    else {
      this.running = true;
      this.deliver(topic, emission, next);
      this.drain();
      this.running = false;
    }
    this.leaveFlight();
  }

  private leaveFlight(): void {
    if (--this.inFlight === 0) this.onIdle();
  }
}
