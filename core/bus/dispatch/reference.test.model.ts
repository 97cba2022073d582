/**
 * What the rules of dispatch say, in the plainest way: every list is sorted anew for every event, and whatever is
 * asynchronous is a list of jobs. It shares nothing with the kernel and has no care for speed.
 */

/** What a handler, late or at once, or a step of a program does. `at` and `spec` count round the subscriptions, events and specs there are. */
export type Action =
  | { readonly do: 'emit'; readonly type: string; readonly priority: number }
  | { readonly do: 'subscribe'; readonly spec: number }
  | { readonly do: 'unsubscribe' | 'pause' | 'resume' | 'cancelOther'; readonly at: number }
  | { readonly do: 'off'; readonly pattern: string }
  | { readonly do: 'unsubscribeSelf' | 'cancel' | 'throw' | 'close' };

/** How a handler ends: at once; as a promise that may wait for a gate, then for some turns, then acts again; or as a thenable. */
export type Ending =
  | { readonly as: 'value' }
  | { readonly as: 'promise'; readonly gate: boolean; readonly turns: number; readonly late: readonly Action[] }
  | { readonly as: 'thenable'; readonly ok: boolean };

export interface Spec {
  readonly patterns: readonly string[];
  readonly priority: number;
  readonly once: boolean;
  readonly filter: 'none' | 'refuse' | 'even' | 'throw' | 'cancel' | 'unsubscribe';
  readonly actions: readonly Action[];
  readonly ending: Ending;
}

/** `open` opens the gates of some calls that wait, in that order. */
export type Step = Action | { readonly do: 'open'; readonly gates: readonly number[] };

export interface Program {
  readonly specs: readonly Spec[];
  readonly steps: readonly Step[];
}

/** What became of everything, in terms that the bus can be asked for too. */
export interface Outcome {
  /** Calls of filters, handlers and their late parts since the last time it was asked, in order. */
  readonly trace: string[];
  /** Result of each event, in order of emission; `open` while it has none. */
  readonly results: string[];
  /** State of each subscription, in order of subscription. */
  readonly subscriptions: string[];
}

/** More events or subscriptions than this, or deeper nested ones, are not made. */
export const limits = { events: 24, subscriptions: 12, depth: 3 };

interface ModelEvent {
  readonly n: number;
  readonly type: string;
  readonly priority: number;
  readonly depth: number;
  readonly root: number;
  cancelled: boolean;
  delivered: number;
  readonly failures: string[];
  canceller: number | undefined;
  status: string;
}

interface ModelSubscription {
  readonly n: number;
  readonly spec: Spec;
  state: 'live' | 'paused' | 'gone';
}

/** A tier under way: how many calls are still to settle, and what comes after them. */
interface Tier {
  pending: number;
  readonly next: () => void;
}

class Thrown extends Error {}

/** P1, word for word. */
function matches(pattern: readonly string[], type: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return type.length === 0;
  if (head === '**') return matches(rest, type) || (type.length > 0 && matches(pattern, type.slice(1)));
  return type.length > 0 && (head === '*' || head === type[0]) && matches(rest, type.slice(1));
}

function wants({ patterns }: Spec, type: string): boolean {
  return patterns.some((pattern) => pattern === '*' || matches(pattern.split('.'), type.split('.')));
}

export class ReferenceBus {
  readonly #specs: readonly Spec[];
  readonly #events: ModelEvent[] = [];
  readonly #subscriptions: ModelSubscription[] = [];
  readonly #trace: string[] = [];
  /** Calls that wait for their gate. */
  #gates: (() => void)[] = [];
  #queue: ModelEvent[] = [];
  #jobs: (() => void)[] = [];
  #running = false;
  #closed = false;

  constructor(specs: readonly Spec[]) {
    this.#specs = specs;
  }

  /** Takes a step, and everything that follows from it. */
  take(step: Step): void {
    if (step.do === 'open') {
      for (const at of step.gates) {
        const [open] = this.#gates.splice(at % (this.#gates.length || 1), 1);
        if (open !== undefined) this.#jobs.push(open);
      }
    } else {
      try {
        this.#act([step], undefined, undefined);
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
      }
    }
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) job();
  }

  get waiting(): number {
    return this.#gates.length;
  }

  outcome(): Outcome {
    return {
      trace: this.#trace.splice(0),
      results: this.#events.map((event) => {
        if (event.status === 'open') return 'open';
        const { status, delivered, failures, canceller, root } = event;
        return `${status} ${delivered} [${failures}] by ${canceller} from ${root}`;
      }),
      subscriptions: this.#subscriptions.map(({ state }) => state),
    };
  }

  #act(actions: readonly Action[], event: ModelEvent | undefined, self: ModelSubscription | undefined): void {
    for (const action of actions) {
      switch (action.do) {
        case 'emit':
          this.#emit(action.type, action.priority, event);
          break;
        case 'subscribe':
          this.#subscribe(action.spec);
          break;
        case 'unsubscribe':
          this.#end(this.#subscriptionAt(action.at));
          break;
        case 'pause':
          this.#turn(this.#subscriptionAt(action.at), 'live', 'paused');
          break;
        case 'resume':
          this.#turn(this.#subscriptionAt(action.at), 'paused', 'live');
          break;
        case 'cancelOther': {
          const other = this.#events[action.at % (this.#events.length || 1)];
          if (other !== undefined) other.cancelled = true;
          break;
        }
        case 'off':
          for (const subscription of this.#subscriptions) {
            if (subscription.spec.patterns.every((one) => one === action.pattern)) this.#end(subscription);
          }
          break;
        case 'unsubscribeSelf':
          this.#end(self);
          break;
        case 'cancel':
          if (event !== undefined) event.cancelled = true;
          break;
        case 'close':
          this.#close();
          break;
        case 'throw':
          throw new Thrown();
      }
    }
  }

  #subscribe(at: number): void {
    const spec = this.#specs[at % this.#specs.length];
    if (spec === undefined || this.#subscriptions.length >= limits.subscriptions) return;
    if (this.#closed) throw new Thrown();
    this.#subscriptions.push({ n: this.#subscriptions.length, spec, state: 'live' });
  }

  #subscriptionAt(at: number): ModelSubscription | undefined {
    return this.#subscriptions[at % (this.#subscriptions.length || 1)];
  }

  #end(subscription: ModelSubscription | undefined): void {
    if (subscription !== undefined) subscription.state = 'gone';
  }

  #turn(subscription: ModelSubscription | undefined, from: string, to: 'live' | 'paused'): void {
    if (subscription?.state === from) subscription.state = to;
  }

  #close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) this.#end(subscription);
    for (const event of this.#queue) event.status = 'dropped';
    this.#queue = [];
  }

  #emit(type: string, priority: number, cause: ModelEvent | undefined): void {
    const depth = cause === undefined ? 0 : cause.depth + 1;
    if (this.#events.length >= limits.events || depth > limits.depth) return;
    if (this.#closed) throw new Thrown();
    const n = this.#events.length;
    const event: ModelEvent = {
      n,
      type,
      priority,
      depth,
      root: cause?.root ?? n,
      cancelled: false,
      delivered: 0,
      failures: [],
      canceller: undefined,
      status: 'open',
    };
    this.#events.push(event);
    this.#queue.push(event);
    if (!this.#running) this.#run(() => {});
  }

  /** D5: does something, then everything that waits, and is not interrupted. */
  #run(first: () => void): void {
    this.#running = true;
    first();
    while (this.#queue.length > 0) {
      // Sorting is stable: equals stay in order of emission.
      const [event, ...others] = this.#queue.sort((a, b) => b.priority - a.priority);
      this.#queue = others;
      if (event !== undefined) this.#dispatch(event);
    }
    this.#running = false;
  }

  #dispatch(event: ModelEvent): void {
    if (event.cancelled) {
      event.status = 'cancelled';
      return;
    }
    // D1 and D6: who is subscribed now, by priority, then in order of subscription.
    const list = this.#subscriptions
      .filter(({ state, spec }) => state !== 'gone' && wants(spec, event.type))
      .sort((a, b) => b.spec.priority - a.spec.priority || a.n - b.n);
    this.#tiers(event, list);
  }

  /** D3: the handlers of the highest priority, then, when all of them have settled, the others. */
  #tiers(event: ModelEvent, list: readonly ModelSubscription[]): void {
    const highest = list[0]?.spec.priority;
    if (highest === undefined || event.cancelled) {
      event.status = event.cancelled ? 'cancelled' : 'delivered';
      return;
    }
    const lower = list.filter(({ spec }) => spec.priority < highest);
    const tier: Tier = { pending: 0, next: () => this.#tiers(event, lower) };
    for (const subscription of list) {
      if (subscription.spec.priority !== highest) break;
      if (this.#admits(subscription, event)) this.#call(subscription, event, tier);
      if (event.cancelled) {
        event.canceller ??= subscription.n;
        break;
      }
    }
    if (tier.pending === 0) tier.next();
  }

  #admits(subscription: ModelSubscription, event: ModelEvent): boolean {
    const { spec, n } = subscription;
    if (subscription.state !== 'live') return false;
    if (spec.filter !== 'none') {
      this.#trace.push(`filter ${n} of ${event.n}`);
      if (spec.filter === 'throw') event.failures.push(`filter ${n}`);
      if (spec.filter === 'cancel') event.cancelled = true;
      if (spec.filter === 'unsubscribe') this.#end(subscription);
      if (spec.filter !== 'even' || event.n % 2 !== 0) return false;
    }
    if (spec.once) this.#end(subscription);
    return true;
  }

  #call(subscription: ModelSubscription, event: ModelEvent, tier: Tier): void {
    const { spec, n } = subscription;
    const { ending } = spec;
    this.#trace.push(`handler ${n} of ${event.n}`);
    event.delivered++;
    const attempt = (actions: readonly Action[]): boolean => {
      try {
        this.#act(actions, event, subscription);
        return true;
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        return false;
      }
    };
    const settle = (ok: boolean): void => {
      if (!ok) event.failures.push(`handler ${n}`);
      if (event.cancelled) event.canceller ??= n;
      tier.pending--;
      if (tier.pending === 0) this.#run(tier.next);
    };
    // One turn lies between a promise that settles and those who wait for it.
    const settleSoon = (ok: boolean): void => {
      this.#jobs.push(() => settle(ok));
    };
    const afterTurns = (turns: number, then: () => void): void => {
      if (turns === 0) then();
      else this.#jobs.push(() => afterTurns(turns - 1, then));
    };

    const ok = attempt(spec.actions);
    if (ending.as === 'value') {
      if (!ok) event.failures.push(`handler ${n}`);
    } else if (ending.as === 'thenable') {
      if (ok) {
        tier.pending++;
        settleSoon(ending.ok);
      } else event.failures.push(`handler ${n}`);
    } else {
      tier.pending++;
      const proceed = (): void =>
        afterTurns(ending.turns, () => {
          this.#trace.push(`late ${n} of ${event.n}`);
          settleSoon(attempt(ending.late));
        });
      if (!ok) settleSoon(false);
      else if (ending.gate) this.#gates.push(proceed);
      else proceed();
    }
  }
}
