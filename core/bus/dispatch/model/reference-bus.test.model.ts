import {
  type Action,
  CLOSE_MS,
  type Ending,
  type Limits,
  most,
  type Outcome,
  type Spec,
  type Step,
} from './program.test.model.js';
import { ModelStream } from './stream.test.model.js';

interface ModelEvent {
  readonly label: string;
  readonly n: number;
  readonly sequence: number;
  readonly type: string;
  readonly priority: number;
  readonly nesting: number;
  readonly root: number;
  readonly at: number;
  readonly ttlMs: number | undefined;
  /** Q4: how many events came before it in its chain. */
  readonly before: number;
  /** When its chain began. */
  readonly since: number;
  /** F4: a report of a failure, or what one caused. */
  readonly ofReport: boolean;
  /** Q1: what caused it is in flight. */
  readonly bypasses: boolean;
  readonly asked: boolean;
  cancelled: boolean;
  delivered: number;
  readonly failures: string[];
  canceller: number | undefined;
  status: string;
  /** Offered to handlers that have not settled. */
  inFlight: boolean;
  answer: string | undefined;
  /** What became of the request that it makes. */
  reply: string | undefined;
  onAnswer: (answer: string) => void;
  onSettled: () => void;
}

/** A subscription, also of those who wait for an event or stream them: these have `take` and no spec. */
interface ModelSubscription {
  readonly n: number;
  readonly spec: Spec | undefined;
  readonly patterns: readonly string[];
  readonly priority: number;
  readonly take: ((event: ModelEvent) => void) | undefined;
  readonly onEnd: () => void;
  state: 'live' | 'paused' | 'gone';
  drained: boolean;
  aborted: boolean;
  /** Calls that are not over, those to be made again included. */
  underWay: number;
  advancing: boolean;
  line: ModelCall[];
  again: { readonly call: ModelCall; readonly timer: Timer; readonly error: string }[];
}

/** What one handler does with one event, however often it is called for that. */
interface ModelCall {
  readonly subscription: ModelSubscription;
  readonly event: ModelEvent;
  tier: Tier | undefined;
  attempts: number;
  over: boolean;
}

/** One of these calls. */
interface Attempt {
  readonly call: ModelCall;
  readonly number: number;
  readonly children: ModelEvent[];
  over: boolean;
  timer: Timer | undefined;
}

/** A tier under way: how many calls are still to settle, and what comes after them. */
interface Tier {
  readonly event: ModelEvent;
  pending: number;
  readonly next: () => void;
}

/** A call that waits for what it has emitted. */
interface Parent {
  readonly children: readonly ModelEvent[];
  readonly go: () => void;
}

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

interface ModelLetter {
  readonly event: ModelEvent;
  readonly subscription: ModelSubscription;
  readonly text: string;
}

/** An error, by its name. */
class Thrown extends Error {
  override readonly name: string;

  constructor(name: string) {
    super(name);
    this.name = name;
  }
}

function nameOf(error: unknown): string {
  if (error instanceof Thrown) return error.name;
  throw error;
}

/** P1, word for word. */
function matches(pattern: readonly string[], type: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return type.length === 0;
  if (head === '**') return matches(rest, type) || (type.length > 0 && matches(pattern, type.slice(1)));
  return type.length > 0 && (head === '*' || head === type[0]) && matches(rest, type.slice(1));
}

function wants(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => pattern === '*' || matches(pattern.split('.'), type.split('.')));
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/**
 * What the rules of dispatch say, in the plainest way: every list is sorted anew for every event, and whatever is
 * asynchronous is a list of jobs. It shares nothing with the kernel and has no care for speed.
 */
export class ReferenceBus {
  readonly #limits: Limits;
  readonly #specs: readonly Spec[];
  readonly #events: ModelEvent[] = [];
  /** All there ever were, in order. */
  readonly #all: ModelSubscription[] = [];
  /** Those of handlers. */
  readonly #subscriptions: ModelSubscription[] = [];
  readonly #waits: { state: string }[] = [];
  readonly #streams: ModelStream[] = [];
  readonly #retries: { state: string }[] = [];
  readonly #aborters: (() => void)[] = [];
  readonly #trace: string[] = [];
  #aborts: string[] = [];
  #letters: ModelLetter[] = [];
  /** Calls that wait for their gate. */
  #gates: (() => void)[] = [];
  /** Calls that wait for what they have emitted. */
  #parents: Parent[] = [];
  /** Calls under way. */
  #underWay: Attempt[] = [];
  /** Requests that wait for their answers. */
  #asking: (() => void)[] = [];
  /** Events whose turn is to come. */
  #queue: ModelEvent[] = [];
  /** Events whose turn came while as many were in flight as may be. */
  #held: ModelEvent[] = [];
  /** Events in flight. */
  #flight: ModelEvent[] = [];
  /** Subscriptions that were drained, or were for one event. */
  #drained: ModelSubscription[] = [];
  #jobs: (() => void)[] = [];
  #timers: Timer[] = [];
  #now = 0;
  #running = false;
  #closed = false;
  #closing: Timer | undefined;
  readonly #counts = {
    emitted: 0,
    failures: 0,
    retried: 0,
    deadLettered: 0,
    cancelled: 0,
    expired: 0,
    discarded: 0,
  };

  constructor(specs: readonly Spec[], limits: Limits) {
    this.#specs = specs;
    this.#limits = limits;
  }

  /** Takes a step, and everything that follows from it. */
  take(step: Step): void {
    if (step.do === 'open') {
      for (const at of step.gates) {
        const [open] = this.#gates.splice(at % (this.#gates.length || 1), 1);
        if (open !== undefined) this.#jobs.push(open);
      }
    } else if (step.do === 'advance') this.#advance(step.ms);
    else if (step.do === 'retryLetter') this.#retryLetter(step.at);
    else if (step.do === 'discardLetter') this.#letters.splice(step.at % (this.#letters.length || 1), 1);
    else {
      try {
        this.#act([step], undefined);
      } catch (error) {
        nameOf(error);
      }
    }
    this.#settleJobs();
    for (let parent = this.#freeParent(); parent !== undefined; parent = this.#freeParent()) {
      remove(this.#parents, parent);
      this.#jobs.push(parent.go);
      this.#settleJobs();
    }
  }

  /** Calls that a step can let go on. */
  get gates(): number {
    return this.#gates.length;
  }

  get timers(): number {
    return this.#timers.length;
  }

  outcome(): Outcome {
    return {
      trace: this.#trace.splice(0),
      aborts: this.#aborts.splice(0).sort(),
      results: this.#events.map((event) => (event.asked ? (event.reply ?? 'open') : resultOf(event))),
      subscriptions: this.#subscriptions.map(({ state }) => state),
      waits: this.#waits.map(({ state }) => state),
      streams: this.#streams.map(({ reads }) => reads.map(({ text }) => text).join()),
      retries: this.#retries.map(({ state }) => state),
      letters: this.#letters.map(({ text }) => text),
      stats: {
        ...this.#counts,
        inFlight: this.#flight.length,
        queued: this.#queue.length + this.#held.length,
        subscriptions: this.#all.filter(({ state }) => state !== 'gone').length,
      },
      timers: this.#timers.length,
    };
  }

  #settleJobs(): void {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) job();
    // A bus that closes waits for nothing once everything is over.
    if (this.#closing !== undefined && this.#flight.length === 0) this.#clear(this.#closing);
  }

  #freeParent(): Parent | undefined {
    const isOver = (event: ModelEvent): boolean => (event.asked ? event.reply !== undefined : event.status !== 'open');
    return this.#parents.find(({ children }) => children.every(isOver));
  }

  #advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      // Sorting is stable: timers that are due together run in the order they were set.
      const [next] = this.#timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#clear(next);
      this.#now = next.due;
      next.run();
      this.#settleJobs();
    }
    this.#now = until;
  }

  #timer(delayMs: number, run: () => void): Timer {
    const timer = { due: this.#now + delayMs, run };
    this.#timers.push(timer);
    return timer;
  }

  #clear(timer: Timer | undefined): void {
    if (timer !== undefined) remove(this.#timers, timer);
  }

  #act(actions: readonly Action[], self: Attempt | undefined): void {
    for (const action of actions) {
      switch (action.do) {
        case 'emit':
          this.#emitAction(action, self);
          break;
        case 'request':
          this.#request(action, self);
          break;
        case 'wait':
          this.#wait(action);
          break;
        case 'stream':
          this.#stream(action);
          break;
        case 'read':
          at(this.#streams, action.at)?.read();
          break;
        case 'endStream':
          at(this.#streams, action.at)?.leave();
          break;
        case 'abort':
          at(this.#aborters, action.at)?.();
          break;
        case 'subscribe':
          this.#subscribe(action.spec);
          break;
        case 'unsubscribe':
          this.#end(at(this.#subscriptions, action.at));
          break;
        case 'drain':
          this.#drain(at(this.#subscriptions, action.at));
          break;
        case 'pause':
          turn(at(this.#subscriptions, action.at), 'live', 'paused');
          break;
        case 'resume':
          turn(at(this.#subscriptions, action.at), 'paused', 'live');
          break;
        case 'cancelOther': {
          const other = at(this.#events, action.at);
          if (other !== undefined && !other.asked) other.cancelled = true;
          break;
        }
        case 'off':
          for (const subscription of this.#all) {
            if (subscription.state !== 'gone' && subscription.patterns.every((one) => one === action.pattern))
              this.#end(subscription);
          }
          break;
        case 'unsubscribeSelf':
          this.#end(self?.call.subscription);
          break;
        case 'cancel':
          if (self !== undefined) self.call.event.cancelled = true;
          break;
        case 'close':
          this.#close();
          break;
        case 'throw':
          if (self === undefined || self.number < action.until) throw new Thrown('Error');
      }
    }
  }

  #subscribe(index: number): void {
    const spec = at(this.#specs, index);
    const n = this.#subscriptions.length;
    if (spec === undefined || n >= most.subscriptions) return;
    const patterns = spec.responds ? spec.patterns.slice(0, 1) : spec.patterns;
    const made = this.#register({ n, spec, patterns, priority: spec.priority, take: undefined, onEnd: () => {} });
    this.#subscriptions.push(made);
    if (spec.abortable) {
      this.#aborters.push(() => {
        made.aborted = true;
        if (made.state !== 'gone') this.#end(made);
      });
    }
  }

  #register(
    parts: Pick<ModelSubscription, 'n' | 'spec' | 'patterns' | 'priority' | 'take' | 'onEnd'>,
  ): ModelSubscription {
    if (this.#closed) throw new Thrown('BusClosedError');
    const made: ModelSubscription = {
      ...parts,
      state: 'live',
      drained: false,
      aborted: false,
      underWay: 0,
      advancing: false,
      line: [],
      again: [],
    };
    this.#all.push(made);
    return made;
  }

  /** D6: nobody calls it again, neither what stands in line nor what was to be tried again. */
  #end(subscription: ModelSubscription | undefined): void {
    if (subscription === undefined) return;
    if (subscription.state === 'gone') {
      // What it was still to do, as it was drained or for one event, is not wanted either.
      subscription.drained = false;
      this.#dismiss(subscription);
      return;
    }
    subscription.state = 'gone';
    if (!subscription.drained) this.#dismiss(subscription);
    subscription.onEnd();
  }

  #drain(subscription: ModelSubscription | undefined): void {
    if (subscription === undefined || subscription.state === 'gone') return;
    subscription.drained = true;
    this.#drained.push(subscription);
    this.#end(subscription);
  }

  #dismiss(subscription: ModelSubscription): void {
    for (const call of subscription.line.splice(0)) this.#skip(call);
    for (const { call, timer, error } of subscription.again.splice(0)) {
      this.#clear(timer);
      this.#giveUp(call, error);
    }
  }

  /** G8 */
  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#asking) end();
    const live = this.#all.filter(({ state }) => state !== 'gone');
    for (const subscription of live) subscription.state = 'gone';
    for (const subscription of live) {
      if (!subscription.drained) this.#dismiss(subscription);
      subscription.onEnd();
    }
    for (const subscription of this.#drained) {
      subscription.drained = false;
      this.#dismiss(subscription);
    }
    for (const event of [...this.#queue.sort(byPriority), ...this.#held.sort(byPriority)])
      this.#finish(event, 'dropped');
    this.#queue = [];
    this.#held = [];
    this.#closing = this.#timer(CLOSE_MS, () => {
      for (const attempt of this.#underWay) {
        this.#clear(attempt.timer);
        this.#abort(attempt, 'BusClosedError');
      }
    });
  }

  #emitAction(action: Action & { do: 'emit' }, self: Attempt | undefined): void {
    const { type, priority, ttlMs, via } = action;
    const event = self?.call.event;
    if (this.#isEnough(event)) return;
    const cause = via === 'bus' ? undefined : event;
    // Whatever is emitted inside a handler follows from its event; afterwards, what says so.
    const inFlight = via === 'cause' ? this.#flight.find(({ label }) => label === event?.label) : undefined;
    const parent = this.#running || via === 'delivery' ? event : inFlight;
    const given = { type, priority, ttlMs, cause, nestedIn: event, asked: false };
    const emitted = this.#emit(given, parent);
    self?.children.push(emitted);
  }

  #isEnough(parent: ModelEvent | undefined): boolean {
    return this.#events.length >= most.events || (parent !== undefined && parent.nesting >= most.nesting);
  }

  #emit(
    given: {
      readonly type: string;
      readonly priority: number;
      readonly ttlMs: number | undefined;
      readonly cause: ModelEvent | undefined;
      readonly nestedIn: ModelEvent | undefined;
      readonly asked: boolean;
      readonly report?: string;
    },
    parent: ModelEvent | undefined,
  ): ModelEvent {
    if (this.#closed) throw new Thrown('BusClosedError');
    const { type, priority, ttlMs, cause, nestedIn, asked, report } = given;
    const isReport = report !== undefined;
    const n = isReport && cause !== undefined ? cause.n : this.#events.length;
    // Q4: more than a second later a new chain begins, and after one whose links took more than 10 ms each.
    const links = parent === undefined ? 0 : parent.before + 1;
    const since = parent === undefined || links === 1 ? this.#now : parent.since;
    const isTooLong = links >= this.#limits.maxDepth && this.#now - since > 10 * links;
    const isNew = parent === undefined || this.#now - parent.at > 1000 || isTooLong;
    const before = isNew ? 0 : links;
    if (!isReport && before >= this.#limits.maxDepth) throw new Thrown('DepthLimitError');
    const event: ModelEvent = {
      label: report ?? String(n),
      n,
      sequence: this.#counts.emitted,
      type,
      priority,
      nesting: nestedIn === undefined ? 0 : nestedIn.nesting + 1,
      root: cause?.root ?? n,
      at: this.#now,
      ttlMs,
      before,
      since: isNew ? this.#now : since,
      ofReport: isReport || parent?.ofReport === true || cause?.ofReport === true,
      bypasses: parent !== undefined && (this.#running || parent.status === 'open'),
      asked,
      cancelled: false,
      delivered: 0,
      failures: [],
      canceller: undefined,
      status: 'open',
      inFlight: false,
      answer: undefined,
      reply: undefined,
      onAnswer: () => {},
      onSettled: () => {},
    };
    const hasRoom = this.#makeRoom(event);
    this.#counts.emitted++;
    if (!isReport) this.#events.push(event);
    if (hasRoom) {
      this.#queue.push(event);
      if (!this.#running) this.#run(() => {});
    } else this.#finish(event, 'dropped');
    return event;
  }

  get #isFull(): boolean {
    return this.#flight.length >= this.#limits.concurrency;
  }

  /** Q1: whether the event may wait, if it has to. */
  #makeRoom(event: ModelEvent): boolean {
    const { maxSize, overflow } = this.#limits;
    const waiting = [...this.#queue, ...this.#held];
    const waits = this.#running || (this.#isFull && !event.bypasses);
    if (!waits || waiting.length < maxSize) return true;
    if (overflow === 'reject') throw new Thrown('QueueFullError');
    if (overflow === 'dropNewest') return false;
    const lowest = Math.min(...waiting.map(({ priority }) => priority));
    const [oldest] = waiting.filter(({ priority }) => priority === lowest).sort((a, b) => a.sequence - b.sequence);
    if (oldest === undefined) return false;
    remove(this.#queue, oldest);
    remove(this.#held, oldest);
    this.#finish(oldest, 'dropped');
    return true;
  }

  /** D5: does something, then everything that waits, and is not interrupted. */
  #run(first: () => void): void {
    if (this.#running) {
      first();
      return;
    }
    this.#running = true;
    first();
    for (;;) {
      // Sorting is stable: equals stay in order of emission.
      this.#queue.sort(byPriority);
      this.#held.sort(byPriority);
      const event = this.#queue.shift() ?? (this.#isFull ? undefined : this.#held.shift());
      if (event === undefined) break;
      this.#dispatch(event);
    }
    this.#running = false;
  }

  #dispatch(event: ModelEvent): void {
    if (this.#isFull && !event.bypasses) this.#held.push(event);
    else if (event.cancelled) this.#finish(event, 'cancelled');
    else if (event.ttlMs !== undefined && this.#now > event.at + event.ttlMs) this.#finish(event, 'expired');
    else {
      // D1 and D6: who is subscribed now, by priority, then in order of subscription.
      const list = this.#all
        .filter(({ state, patterns }) => state !== 'gone' && wants(patterns, event.type))
        .sort((a, b) => b.priority - a.priority);
      this.#tiers(event, list);
    }
  }

  #finish(event: ModelEvent, status: 'delivered' | 'cancelled' | 'expired' | 'dropped'): void {
    event.status = status;
    remove(this.#flight, event);
    event.inFlight = false;
    if (status === 'dropped') this.#counts.discarded++;
    else if (status !== 'delivered') this.#counts[status]++;
    event.onSettled();
  }

  /** D3: the handlers of the highest priority, then, when all of them have settled, the others. */
  #tiers(event: ModelEvent, list: readonly ModelSubscription[]): void {
    const highest = list[0]?.priority;
    if (highest === undefined || event.cancelled) {
      this.#finish(event, event.cancelled ? 'cancelled' : 'delivered');
      return;
    }
    const lower = list.filter(({ priority }) => priority < highest);
    const tier: Tier = { event, pending: 0, next: () => this.#tiers(event, lower) };
    for (const subscription of list) {
      if (subscription.priority !== highest) break;
      if (this.#admits(subscription, event)) this.#call(subscription, event, tier);
      if (event.cancelled) {
        event.canceller ??= subscription.n;
        break;
      }
    }
    if (tier.pending === 0) tier.next();
    else if (!event.inFlight) {
      event.inFlight = true;
      this.#flight.push(event);
    }
  }

  #admits(subscription: ModelSubscription, event: ModelEvent): boolean {
    const { spec, n } = subscription;
    if (subscription.state !== 'live') return false;
    if (spec === undefined) return true;
    if (spec.filter !== 'none') {
      this.#trace.push(`filter ${n} of ${event.label}`);
      if (spec.filter === 'throw') this.#fail(subscription, event, 'filter', 'Error', 0, false);
      if (spec.filter === 'cancel') event.cancelled = true;
      if (spec.filter === 'unsubscribe') this.#end(subscription);
      if (spec.filter !== 'even' || event.n % 2 !== 0) return false;
    }
    if (spec.once) this.#drain(subscription);
    return true;
  }

  #call(subscription: ModelSubscription, event: ModelEvent, tier: Tier): void {
    const { spec, take } = subscription;
    if (spec === undefined) {
      event.delivered++;
      take?.(event);
      return;
    }
    const call: ModelCall = { subscription, event, tier: undefined, attempts: 0, over: false };
    const isFree = subscription.line.length === 0 && subscription.underWay < (spec.concurrency ?? Infinity);
    if (isFree) this.#attempt(call);
    else this.#standInLine(call, spec);
    if (call.over) return;
    call.tier = tier;
    tier.pending++;
  }

  /** Q2 */
  #standInLine(call: ModelCall, { maxQueue, overflow, responds }: Spec): void {
    const { subscription, event } = call;
    const { line } = subscription;
    if (line.length >= maxQueue) {
      if (overflow === 'reject') {
        call.over = true;
        const isTold = responds && this.#answer(event, 'ResponderError QueueFullError');
        this.#fail(subscription, event, 'handler', 'QueueFullError', 0, isTold);
        return;
      }
      const oldest = overflow === 'dropOldest' ? line.shift() : undefined;
      this.#counts.discarded++;
      if (oldest === undefined) {
        call.over = true;
        return;
      }
      this.#skip(oldest);
    }
    line.push(call);
  }

  /** Ends a call that was never made. */
  #skip(call: ModelCall): void {
    call.over = true;
    this.#jobs.push(() => this.#leaveTier(call.tier, undefined));
  }

  #attempt(call: ModelCall): void {
    const { subscription, event } = call;
    const { spec, n } = subscription;
    if (spec === undefined) return;
    const attempt: Attempt = { call, number: ++call.attempts, children: [], over: false, timer: undefined };
    if (attempt.number === 1) {
      subscription.underWay++;
      event.delivered++;
    }
    this.#trace.push(`handler ${n} of ${event.label}, call ${attempt.number}`);
    this.#underWay.push(attempt);
    const ending: Ending =
      spec.ending.as === 'promise' && spec.ending.evenOnly && event.n % 2 !== 0 ? { as: 'value' } : spec.ending;
    const run = (actions: readonly Action[]): string | undefined => {
      try {
        this.#act(actions, attempt);
        return undefined;
      } catch (error) {
        return nameOf(error);
      }
    };
    // One turn lies between a promise that settles and those who wait for it.
    const settleSoon = (error: string | undefined): void => {
      this.#jobs.push(() => {
        if (!attempt.over) this.#settle(attempt, error);
      });
    };
    const afterTurns = (turns: number, then: () => void): void => {
      if (turns === 0) then();
      else this.#jobs.push(() => afterTurns(turns - 1, then));
    };

    const error = run(spec.actions);
    if (ending.as === 'value' || (ending.as === 'thenable' && error !== undefined)) {
      this.#settle(attempt, error);
      return;
    }
    if (ending.as === 'thenable') settleSoon(ending.ok ? undefined : 'Error');
    else if (error !== undefined) settleSoon(error);
    else {
      const proceed = (): void =>
        afterTurns(ending.turns, () => {
          this.#trace.push(`late ${n} of ${event.label}, call ${attempt.number}`);
          settleSoon(run(ending.late));
        });
      if (ending.wait === 'gate') this.#gates.push(proceed);
      else if (ending.wait === 'children') this.#parents.push({ children: attempt.children, go: proceed });
      else proceed();
    }
    // F2
    if (spec.timeoutMs !== undefined) {
      attempt.timer = this.#timer(spec.timeoutMs, () => {
        this.#abort(attempt, 'HandlerTimeoutError');
        this.#settle(attempt, 'HandlerTimeoutError');
      });
    }
  }

  #abort({ call, number }: Attempt, reason: string): void {
    const { subscription, event } = call;
    if (subscription.spec?.heeds)
      this.#aborts.push(`${reason} of ${subscription.n} for ${event.label}, call ${number}`);
  }

  #settle(attempt: Attempt, error: string | undefined): void {
    const { call } = attempt;
    const { subscription, event } = call;
    attempt.over = true;
    this.#clear(attempt.timer);
    remove(this.#underWay, attempt);
    if (error === undefined) {
      if (subscription.spec?.responds) this.#answer(event, `answer ${subscription.n}`);
      this.#over(call);
      return;
    }
    const delayMs = this.#retryDelay(attempt, error);
    if (delayMs === undefined) {
      this.#failForGood(call, error);
      this.#over(call);
      return;
    }
    this.#counts.retried++;
    const timer = this.#timer(delayMs, () => {
      subscription.again = subscription.again.filter((one) => one.call !== call);
      if (isWanted(call)) this.#run(() => this.#attempt(call));
      else this.#giveUp(call, error);
    });
    subscription.again.push({ call, timer, error });
  }

  /** F1; undefined when the call is not made again. */
  #retryDelay({ call, number }: Attempt, error: string): number | undefined {
    const { subscription } = call;
    const retry = subscription.spec?.retry ?? this.#limits.retry;
    if (retry === undefined || number >= retry.attempts || !isWanted(call)) return undefined;
    if (error === 'HandlerTimeoutError' && !retry.slow) return undefined;
    return Math.min(retry.delayMs * retry.factor ** (number - 1), retry.maxDelayMs);
  }

  #giveUp(call: ModelCall, error: string): void {
    const { subscription } = call;
    call.over = true;
    this.#failForGood(call, error);
    subscription.underWay--;
    this.#serve(subscription);
    this.#jobs.push(() => this.#leaveTier(call.tier, subscription));
  }

  #failForGood({ subscription, event, attempts }: ModelCall, error: string): void {
    const isTold = subscription.spec?.responds === true && this.#answer(event, `ResponderError ${error}`);
    this.#fail(subscription, event, 'handler', error, attempts, isTold);
  }

  /** D9, F3 and F4. */
  #fail(
    subscription: ModelSubscription,
    event: ModelEvent,
    stage: string,
    error: string,
    attempts: number,
    isTold: boolean,
  ): void {
    const { n } = subscription;
    event.failures.push(`${stage} ${n}`);
    if (isTold) return;
    this.#counts.failures++;
    this.#counts.deadLettered++;
    const text = `${error} of ${n} for ${event.label} after ${attempts}`;
    this.#letters = [...this.#letters, { event, subscription, text }].slice(-this.#limits.maxDeadLetters);
    if (event.ofReport || this.#closed) return;
    const report = `${event.label}:${n}:${error}:${attempts}`;
    const given = {
      type: 'error.occurred',
      priority: 0,
      ttlMs: undefined,
      cause: event,
      nestedIn: event,
      asked: false,
    };
    try {
      this.#emit({ ...given, report }, event);
    } catch (error) {
      nameOf(error);
      this.#counts.failures++;
    }
  }

  /** A call is over: the next in line may begin, then those go on who waited for it. */
  #over(call: ModelCall): void {
    call.over = true;
    call.subscription.underWay--;
    this.#serve(call.subscription);
    this.#leaveTier(call.tier, call.subscription);
  }

  #serve(subscription: ModelSubscription): void {
    if (subscription.advancing) return;
    subscription.advancing = true;
    while (subscription.underWay < (subscription.spec?.concurrency ?? Infinity)) {
      const call = subscription.line.shift();
      if (call === undefined) break;
      if (isWanted(call)) this.#run(() => this.#attempt(call));
      else this.#skip(call);
    }
    subscription.advancing = false;
  }

  #leaveTier(tier: Tier | undefined, subscription: ModelSubscription | undefined): void {
    if (tier === undefined) return;
    if (tier.event.cancelled) tier.event.canceller ??= subscription?.n;
    tier.pending--;
    if (tier.pending === 0) this.#run(tier.next);
  }

  /** R1, R3: the first answer wins; false when nobody asked, or waits for it any more. */
  #answer(event: ModelEvent, answer: string): boolean {
    if (!event.asked || event.answer !== undefined) return false;
    event.answer = answer;
    const isWaitedFor = event.reply === undefined;
    event.onAnswer(answer);
    return isWaitedFor;
  }

  #request({ type, timeoutMs }: Action & { do: 'request' }, self: Attempt | undefined): void {
    const parent = self?.call.event;
    if (this.#isEnough(parent)) return;
    const request: { aborted: boolean; end: (reply: string) => void } = { aborted: false, end: () => {} };
    this.#aborters.push(() => {
      request.aborted = true;
      request.end('AbortError');
    });
    let event: ModelEvent;
    try {
      event = this.#emit({ type, priority: 0, ttlMs: undefined, cause: parent, nestedIn: parent, asked: true }, parent);
    } catch (error) {
      this.#aborters.pop();
      throw error;
    }
    self?.children.push(event);
    const timer = this.#timer(timeoutMs, () => request.end('RequestTimeoutError'));
    request.end = (reply) => {
      event.reply ??= reply;
      this.#clear(timer);
    };
    event.onAnswer = request.end;
    event.onSettled = () => this.#jobs.push(() => request.end('NoResponderError'));
    this.#asking.push(() => request.end('BusClosedError'));
    if (event.answer !== undefined) request.end(event.answer);
    else if (request.aborted) request.end('AbortError');
    else if (this.#closed) request.end('BusClosedError');
    else if (event.status !== 'open') event.onSettled();
  }

  #wait({ pattern, timeoutMs }: Action & { do: 'wait' }): void {
    if (this.#waits.length + this.#streams.length >= most.calls) return;
    const wait = { state: 'waiting' };
    let timer: Timer | undefined;
    const become = (state: string): void => {
      if (wait.state !== 'waiting') return;
      wait.state = state;
      this.#clear(timer);
      this.#end(made);
    };
    const made = this.#register({
      n: -1,
      spec: undefined,
      patterns: [pattern],
      priority: 0,
      take: ({ label }) => become(`got ${label}`),
      onEnd: () => become(this.#closed ? 'BusClosedError' : 'UnsubscribedError'),
    });
    this.#waits.push(wait);
    this.#aborters.push(() => become('AbortError'));
    if (timeoutMs !== undefined) timer = this.#timer(timeoutMs, () => become('WaitTimeoutError'));
  }

  #stream({ pattern, buffer, overflow }: Action & { do: 'stream' }): void {
    if (this.#waits.length + this.#streams.length >= most.calls) return;
    const stream = new ModelStream(buffer, overflow, () => this.#counts.discarded++);
    const made = this.#register({
      n: -1,
      spec: undefined,
      patterns: [pattern],
      priority: 0,
      take: ({ label }) => stream.take(label),
      onEnd: () => stream.end(),
    });
    stream.onEnd = () => this.#end(made);
    this.#streams.push(stream);
    this.#aborters.push(() => stream.abort());
  }

  #retryLetter(index: number): void {
    const letter = at(this.#letters, index);
    if (letter === undefined) return;
    const retry = { state: 'open' };
    this.#retries.push(retry);
    if (this.#closed) retry.state = 'BusClosedError';
    else if (letter.subscription.state !== 'live') retry.state = 'DeadLetterError';
    else {
      remove(this.#letters, letter);
      const event: ModelEvent = {
        ...letter.event,
        before: 0,
        cancelled: false,
        delivered: 0,
        failures: [],
        canceller: undefined,
        status: 'open',
        inFlight: false,
        answer: undefined,
        onAnswer: () => {},
        onSettled: () => {
          retry.state = resultOf(event);
        },
      };
      this.#run(() => this.#tiers(event, [letter.subscription]));
    }
  }
}

/** D4 and D6: whether a call that waits may be made. */
function isWanted({ subscription, event }: ModelCall): boolean {
  const { state, drained, aborted } = subscription;
  return (state !== 'gone' || drained) && !aborted && !event.cancelled;
}

function byPriority(a: ModelEvent, b: ModelEvent): number {
  return b.priority - a.priority;
}

function at<T>(list: readonly T[], index: number): T | undefined {
  return list[index % (list.length || 1)];
}

function turn(subscription: ModelSubscription | undefined, from: 'live' | 'paused', to: 'live' | 'paused'): void {
  if (subscription?.state === from) subscription.state = to;
}

function resultOf({ status, delivered, failures, canceller, root }: ModelEvent): string {
  return status === 'open' ? 'open' : `${status} ${delivered} [${failures}] by ${canceller} from ${root}`;
}
