import type { Clock } from '../clock.js';
import { InvalidOptionError } from '../errors.js';
import { EventEnvelope, Instant, type Origin } from '../event/event.js';
import type { Inspector } from '../inspection.js';
import { type Registry, Topic } from '../router/registry.js';
import { GONE, GUARDED, handlerInfo, inPlaceOf, LIVE, type Registration } from '../router/subscription.js';
import { type EmitOptions, eventDetails } from './admit.js';
import type { Attempt } from './attempt.js';
import { Backlog } from './backlog.js';
import { type Emission, type Emitter, LiveEmission, type StoredPlace } from './delivery.js';
import type { Exit } from './exit.js';
import { Intake } from './intake.js';
import type { Outcomes } from './outcomes.js';
import type { EventQueue } from './queue.js';
import type { QueueLimits } from './queue-limits.js';
import type { Schemas } from './schema.js';
import type { Supervisor, SupervisorHost } from './supervisor.js';
import { Tier, type TierOwner, thenOf } from './tier.js';
import { UnderWay } from './under-way.js';
import { UnheardEmission } from './unheard.js';

const NEVER = new Instant(Number.NEGATIVE_INFINITY);

/** What a dispatcher is made of. */
export interface DispatcherParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly origin: Origin;
  readonly nodeId: () => string;
  readonly freeze: boolean;
  readonly limits: QueueLimits;
  readonly schemas: Schemas | undefined;
  readonly outcomes: Outcomes;
  readonly remove: (registration: Registration) => void;
  readonly request: Emitter['request'];
  /** Called whenever the last asynchronous work ends. */
  readonly onIdle: () => void;
}

/** The one path an event takes to its handlers, whether it was emitted here, arrived, or is handled again. */
export class Dispatcher implements Emitter, TierOwner, SupervisorHost {
  readonly origin: Origin;
  readonly clock: Clock;
  readonly outcomes: Outcomes;
  readonly request: Emitter['request'];
  readonly underWay: UnderWay = new UnderWay();
  readonly draining: Set<Supervisor> = new Set();
  readonly intake: Intake;
  /** Called whenever the last asynchronous work ends. */
  readonly onIdle: () => void;
  /** Null when nobody watches (I2). */
  inspector: Inspector | null = null;
  private readonly registry: Registry;
  private readonly nameNode: () => string;
  private readonly remove: (registration: Registration) => void;
  private readonly backlog: Backlog;
  /** That of the backlog, where `emit` looks at its size. */
  private readonly queue: EventQueue<LiveEmission>;
  /** Nothing but handlers concerns itself with events: no limit, gate, store, transport, observer or freezing. */
  private quiet = true;
  /** What is being offered to its handlers. */
  running: LiveEmission | undefined = undefined;
  private sequence = 0;
  /** When the last event was emitted. */
  private last = NEVER;

  constructor(parts: DispatcherParts) {
    this.registry = parts.registry;
    this.clock = parts.clock;
    this.origin = parts.origin;
    this.nameNode = parts.nodeId;
    this.outcomes = parts.outcomes;
    this.remove = parts.remove;
    this.request = parts.request;
    this.backlog = new Backlog(parts.limits, parts.outcomes, parts.onIdle);
    this.queue = this.backlog.queue;
    this.onIdle = parts.onIdle;
    const { freeze, schemas, outcomes } = parts;
    this.intake = new Intake({ dispatcher: this, backlog: this.backlog, outcomes, schemas, freeze });
    this.attach(null, null);
  }

  get nodeId(): string {
    return this.nameNode();
  }

  get closed(): boolean {
    return this.registry.closed;
  }

  /** Events emitted so far. */
  get emitted(): number {
    return this.sequence;
  }

  /** Events that wait for their turn. */
  get queued(): number {
    return this.backlog.size;
  }

  /** Asynchronous work under way. */
  get inFlight(): number {
    return this.backlog.inFlight;
  }

  /** Sets the way out of the node, and who watches; to be called again when the gate opens or closes. */
  attach(exit: Exit | null, inspector: Inspector | null): void {
    this.intake.exit = exit;
    this.inspector = inspector;
    this.outcomes.inspector = inspector;
    this.quiet = inspector === null && this.intake.open;
  }

  // Small, as what is inlined here is what every emit costs: the uncommon is elsewhere.
  emit(origin: Origin, type: string, data: unknown, options?: EmitOptions, parent?: LiveEmission): Emission {
    const { registry } = this;
    let topic = registry.topics.get(type);
    if (topic === undefined || topic.generation !== registry.generation) topic = this.lookUp(type, topic);
    if (!this.quiet || this.running !== undefined || options !== undefined || parent !== undefined) {
      return this.emitWith(topic, origin, type, data, options, parent);
    }
    const sequence = ++this.sequence;
    if (topic.list.length === 0) return new UnheardEmission(this, origin, type, data, this.last, sequence, undefined);
    const emission = new LiveEmission(this, new EventEnvelope(origin, type, data, this.instant(), sequence));
    this.deliver(topic, emission, 0);
    if (this.queue.size !== 0) this.drain();
    this.running = undefined;
    return emission;
  }

  /** Emits what comes with options or from a handler, or concerns somebody beside handlers. */
  private emitWith(
    topic: Topic,
    origin: Origin,
    type: string,
    data: unknown,
    options: EmitOptions | undefined,
    parent: LiveEmission | undefined,
  ): Emission {
    const details = eventDetails(options, parent?.event);
    if (this.quiet && this.running === undefined && parent === undefined && topic.list.length === 0) {
      return new UnheardEmission(this, origin, type, data, this.last, ++this.sequence, details);
    }
    const route = options?.local === true ? 'local' : 'anywhere';
    const emission = this.intake.introduce(origin, type, data, undefined, details, route, parent);
    if (parent?.place !== undefined && this.intake.exit !== null) parent.owe(emission.persisted);
    return emission;
  }

  /** The next event's place in the order of emission. */
  nextSequence(): number {
    return ++this.sequence;
  }

  /** Calls one handler alone with an event that it failed to handle. */
  redeliver(event: EventEnvelope, registration: Registration): LiveEmission {
    const emission = new LiveEmission(this, event);
    const topic = new Topic(event.type, [registration], [registration], 0);
    this.within(emission, () => this.deliver(topic, emission, 0));
    return emission;
  }

  /** Offers an event that was read from the store to some handlers alone, when its turn comes. */
  offerTo(list: Registration[], event: EventEnvelope, place?: StoredPlace): LiveEmission {
    const emission = new LiveEmission(this, event);
    this.intake.freeze(event);
    emission.address(new Topic(event.type, list, list, 0), place);
    this.enqueue(emission);
    return emission;
  }

  /** Does something between two events: what is emitted meanwhile waits until it is done. */
  between(work: () => void): void {
    const event = new EventEnvelope(this.origin, '$between', undefined, this.instant(), 0);
    this.within(new LiveEmission(this, event), work);
  }

  /** Whether a handler here answers requests of a type. */
  responds(type: string): boolean {
    return this.topic(type).list.some(
      ({ state, options }) => state === GUARDED && options?.supervisor?.answers === true,
    );
  }

  instant(): Instant {
    const now = this.clock.now();
    if (now > this.last.ms) this.last = new Instant(now);
    return this.last;
  }

  /** Lets events that still wait go undelivered. */
  close(): void {
    for (const supervisor of this.draining) supervisor.stop();
    this.intake.arrivals?.clear();
    this.backlog.clear();
  }

  /** The bus waits no longer for the calls that are under way. */
  abort(reason: unknown): void {
    this.underWay.abort(reason);
  }

  /** Run to completion (D5): an event emitted inside a handler waits until the current one was offered to its handlers. */
  enqueue(emission: LiveEmission): void {
    this.queue.push(emission);
    if (this.running === undefined) this.run();
  }

  /** Does something in the turn of an event, which begins now unless another one is under way. */
  private within(emission: LiveEmission, work: () => void): void {
    const before = this.running;
    this.running = emission;
    work();
    if (before === undefined) this.run();
    else this.running = before;
  }

  private run(): void {
    do this.drain();
    while (this.backlog.release());
    this.running = undefined;
  }

  private drain(): void {
    const { backlog } = this;
    for (let emission = backlog.next(); emission !== undefined; emission = backlog.next()) {
      if (this.closed) this.outcomes.finished(emission, 'dropped');
      else if (emission.event.cancelled) this.outcomes.finished(emission, 'cancelled');
      else if (this.isExpired(emission.event)) this.outcomes.finished(emission, 'expired');
      else this.deliver(this.audience(emission), emission, 0);
    }
  }

  /** Who gets an event whose turn it is. */
  private audience({ addressees, event }: LiveEmission): Topic {
    if (addressees === undefined) return this.topic(event.type);
    return addressees instanceof Topic ? addressees : this.registry.named(this.topic(event.type), addressees);
  }

  private topic(type: string): Topic {
    const topic = this.registry.topics.get(type);
    if (topic !== undefined && topic.generation === this.registry.generation) return topic;
    return this.lookUp(type, topic);
  }

  private lookUp(type: string, topic: Topic | undefined): Topic {
    const found = this.registry.resolve(type, topic, this.sequence + this.intake.arrived);
    // The first event, when nobody hears it, has none before it whose time its id could be made of.
    if (this.last === NEVER && this.quiet && found.list.length === 0) this.instant();
    return found;
  }

  private isExpired(event: EventEnvelope): boolean {
    const { ttlMs } = EventEnvelope.detailsOf(event);
    return ttlMs !== undefined && this.clock.now() > event.timestamp + ttlMs;
  }

  /** Calls the handlers of a list from index `from` on, until the end, a cancel, or a tier that has to be waited for. */
  private deliver(topic: Topic, emission: LiveEmission, from: number): void {
    const { list } = topic;
    // Nobody edits a list in place while somebody walks it.
    const { length } = list;
    const { event } = emission;
    const inspector = this.inspector;
    let tier: Tier | undefined;
    let called = 0;
    let i = from;
    this.running = emission;
    topic.busy++;
    for (; i < length; i++) {
      let registration = list[i] as Registration;
      if (tier !== undefined && registration.priority !== tier.priority) break;
      if (registration.state !== LIVE) {
        // The event was on its way when a plugin was replaced: it is still to be handled.
        if (registration.state === GONE) registration = inPlaceOf(registration);
        if (registration.state !== LIVE && !this.admits(registration, emission)) {
          if (event.cancelled) break;
          continue;
        }
        const supervisor = registration.options?.supervisor;
        if (supervisor !== undefined) {
          tier = this.supervise(supervisor, registration, topic, emission, tier);
          if (event.cancelled) break;
          continue;
        }
      }
      called++;
      const startedAt = inspector === null ? 0 : inspector.started(event, handlerInfo(registration), 1);
      try {
        const { handler } = registration;
        const returned = handler(event, emission);
        if (returned !== undefined) tier = this.take(returned, topic, emission, tier, registration, startedAt);
        else if (inspector !== null) inspector.settled(event, handlerInfo(registration), startedAt, 'ok');
      } catch (error) {
        this.outcomes.attemptFailed(registration, emission, startedAt, error);
        this.outcomes.failed(registration, emission, error, 1, false);
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
      if (inspector === null && !event.cancelled) emission.settle('delivered');
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
    const then = thenOf(returned, emission);
    if (then === undefined) {
      this.outcomes.succeeded(registration, emission, startedAt);
      return tier;
    }
    const joined = tier ?? this.open(topic, emission, registration.priority);
    joined.join(registration, startedAt, returned, then);
    return joined;
  }

  private supervise(
    supervisor: Supervisor,
    registration: Registration,
    topic: Topic,
    emission: LiveEmission,
    tier: Tier | undefined,
  ): Tier | undefined {
    const call = supervisor.start(registration, emission);
    if (call === undefined) return tier;
    const joined = tier ?? this.open(topic, emission, registration.priority);
    call.join(joined);
    return joined;
  }

  private open(topic: Topic, emission: LiveEmission, priority: number): Tier {
    this.backlog.takeOff(emission);
    return new Tier(this.outcomes, topic, emission, priority, this);
  }

  private admits(registration: Registration, emission: LiveEmission): boolean {
    const { options } = registration;
    // An abort listener that ran before the bus's own may have emitted (D6).
    if (registration.state !== GUARDED || options?.signal?.aborted === true) return false;
    if (options?.filter !== undefined) {
      try {
        const passes: unknown = options.filter(emission.event);
        if (passes instanceof Promise) throw noPromise(passes);
        if (!passes) return false;
      } catch (error) {
        this.outcomes.filterFailed(registration, emission, error);
        return false;
      }
      // The filter may itself have unsubscribed the handler, or cancelled the event.
      if (registration.state !== GUARDED || emission.event.cancelled) return false;
    }
    if (options?.once === true) {
      // Its only event is still to be handled, and again if that fails.
      options.supervisor?.drain(registration);
      this.remove(registration);
    }
    return true;
  }

  completed(tier: Tier): void {
    const { topic, emission, next } = tier;
    topic.busy--;
    if (emission.event.cancelled) this.outcomes.finished(emission, 'cancelled');
    else if (next >= topic.list.length) this.outcomes.finished(emission, 'delivered');
    else {
      this.within(emission, () => this.deliver(topic, emission, next));
    }
    this.backlog.land(emission);
    this.release();
  }

  resume(attempt: Attempt): void {
    this.within(attempt.emission, () => attempt.run());
  }

  /** Lets events begin that were held up while others were in flight. */
  release(): void {
    if (this.running === undefined && this.backlog.release()) this.run();
  }
}

/** A promise would pass for true whatever becomes of it. */
function noPromise(passes: Promise<unknown>): InvalidOptionError {
  passes.catch(() => {});
  return new InvalidOptionError('filter', passes, 'a function that is not asynchronous');
}
