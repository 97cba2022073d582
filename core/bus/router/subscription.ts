/// <reference lib="esnext.disposable" preserve="true" />
import type { Supervisor } from '../dispatch/supervisor.js';
import type { BusEvent } from '../event/event.js';
import type { HandlerInfo } from '../inspection.js';

/** What becomes of what there is no room for: refuse it, or make room by letting the oldest or the newest go. */
export type Overflow = 'reject' | 'dropOldest' | 'dropNewest';

/** How often a failed call is made again, and when. */
export interface RetryOptions {
  /** Calls in all: 1, the default, is no retry. */
  readonly attempts: number;
  /** Wait before the second call; 100 by default. */
  readonly delayMs?: number;
  /** Each further wait is this many times longer; 2 by default. */
  readonly factor?: number;
  /** No wait is longer; 30,000 by default. */
  readonly maxDelayMs?: number;
  /** The share of each wait that is left to chance, 0 to 1, so that what failed together does not come back together; 0.5 by default. */
  readonly jitter?: number;
  /** False gives up at once; `attempt` is the number of the call that failed. */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
}

/**
 * Where a subscription that reads from the store begins: with what is stored from now on, with the oldest event there is,
 * at an offset, or at the first event whose timestamp (epoch ms) is not before `since`.
 */
export type StartPosition = 'new' | 'all' | { readonly offset: number } | { readonly since: number };

/** How many events a handler takes at once. */
export interface BatchOptions {
  /** So many at most; 1 or more. */
  readonly size: number;
  /** A batch that is not full is handled when its first event has waited so long. */
  readonly maxWaitMs: number;
}

/** How a subscription is to be called. */
export interface OnOptions<E = BusEvent> {
  /** Higher runs first; 0 by default (D1). */
  readonly priority?: number;
  /** The handler is called only for events this returns true for. */
  readonly filter?: (event: E) => boolean;
  /** Removed before its first call (D8). */
  readonly once?: boolean;
  /** Unsubscribes when it aborts (D6). */
  readonly signal?: AbortSignal;
  /** How results, failures and devtools name the handler; the function's own name by default. */
  readonly name?: string;
  /** A call that takes longer fails with a `HandlerTimeoutError` and its `delivery.signal` aborts; no limit by default (F2). */
  readonly timeoutMs?: number;
  /** Calls again what failed; by default what the bus says (F1). */
  readonly retry?: RetryOptions;
  /** Calls under way at a time; 1 is strictly one after the other, in order. No limit by default (Q2). */
  readonly concurrency?: number;
  /**
   * Reads events from the store and keeps, under this name, a cursor there that moves over what has been handled: each
   * stored event is handled at least once, in order, whatever is reloaded, crashes or is closed in between (S6). Calls
   * are one at a time unless `concurrency` says otherwise. Every node that is subscribed under a name gets every event.
   * An event is settled when its handler is and what it has emitted by `delivery.emit` is committed.
   */
  readonly durable?: string;
  /** `durable`, under this name unless that gives another, on one node at a time of those in the group (S7). */
  readonly group?: string;
  /**
   * How long events may lie before a group whose node on duty gives no sign of life, in ms, until another takes over;
   * 10,000 by default. One that closes or crashes is replaced at once.
   */
  readonly leaseMs?: number;
  /** Reads events from the store, in order, beginning there; with `durable`, where there is no cursor yet. `new` by default. */
  readonly from?: StartPosition;
  /** Reads events from the store from now on: none is missed while the page is frozen, or left and returned to. */
  readonly catchUp?: boolean;
  /** Events that may wait for `concurrency`; 10,000 by default. */
  readonly maxQueue?: number;
  /** What becomes of an event when `maxQueue` are waiting; `reject`, the default, fails the call with a `QueueFullError`. */
  readonly overflow?: Overflow;
}

/** How a subscription is to be called with several events at once. */
export interface BatchOnOptions<E = BusEvent> extends Omit<OnOptions<E>, 'once'> {
  /**
   * Calls the handler with a list of events: as soon as there are `size`, or when the first has waited `maxWaitMs`.
   * `timeoutMs`, `retry` and `concurrency` are those of a batch. An event is in flight until its batch has been handled.
   */
  readonly batch: BatchOptions;
}

/** {@link OnOptions} with what the bus's own subscriptions need beside them. */
export interface SubscribeOptions extends OnOptions {
  /** How many events its handler takes at once. */
  readonly batch?: BatchOptions | undefined;
  /** The scope that it is subscribed through. */
  readonly owner?: Owner | undefined;
  /** The function that was given, where another one calls it. */
  readonly given?: AnyHandler | undefined;
  /** Called once when the registration is removed, by whomever: its handle, `off`, its signal, `once`, or the bus. */
  readonly ended?: (() => void) | undefined;
  /** Stands over its calls, where a plain call is not enough. */
  readonly supervisor?: Supervisor | undefined;
  /** Brings it its events, where dispatch does not. */
  readonly feed?: Feed | undefined;
}

/** A scope, as what is subscribed through it knows it. */
export interface Owner {
  readonly source: string;
  /** Whether it may get events of a type; undefined where it may get all. */
  readonly hears: ((type: string) => boolean) | undefined;
  readonly registrations: Set<Registration>;
  /** What it subscribes to does not begin yet. */
  readonly isHeld: boolean;
}

/** What brings a registration its events from the store; the router does not know of it then. */
export interface Feed {
  /** Whether its turn is over for now: what failed is to be called again in the next. */
  readonly isAway: boolean;
  /** Called once, when it is subscribed. */
  begin(registration: Registration): void;
  /** It was removed, by whomever. */
  ended(): void;
  /** It was paused, or is not any more. */
  pausedOrResumed(): void;
  /** A call for the event at `offset` has failed and will be made again after `delayMs`. */
  retrying(offset: number, attempts: number, delayMs: number): void;
}

/** A live registration: call it, dispose of it or `drain` it to unsubscribe. */
export interface Subscription {
  (): void;
  /** What it was subscribed with. */
  readonly pattern: string | readonly string[];
  /** False once it has been unsubscribed. */
  readonly active: boolean;
  readonly paused: boolean;
  /** Passes events by until {@link Subscription.resume}; they are not kept, unless it reads them from the store. */
  pause(): void;
  resume(): void;
  /**
   * Unsubscribes, and resolves when the calls that are running have settled, those that wait for `concurrency`, for more
   * of their batch or for another attempt included.
   */
  drain(): Promise<void>;
  [Symbol.dispose](): void;
}

/** Any handler, before its types are known. */
// biome-ignore lint/suspicious/noExplicitAny: a handler of any event is stored here; `on` gave it its types.
export type AnyHandler = (event: any, delivery: any) => unknown;

/** Life of a registration; only live ones are called. */
export const GONE = 0;
export const PAUSED = 1;
/** Live, with nothing to ask before a call. */
export const LIVE = 2;
/** Live, with a filter, a signal or a supervisor, or to be called once. */
export const GUARDED = 3;

/** What the bus keeps for a subscription: lean, as there may be a hundred thousand. */
export class Registration {
  readonly handler: AnyHandler;
  readonly pattern: string | readonly string[];
  readonly priority: number;
  readonly sequence: number;
  readonly options: SubscribeOptions | undefined;
  state: number;
  /** Calls under way that are asynchronous, or supervised. */
  running: number;

  constructor(
    handler: AnyHandler,
    pattern: string | readonly string[],
    sequence: number,
    options: SubscribeOptions | undefined,
  ) {
    this.handler = handler;
    this.pattern = pattern;
    this.priority = options?.priority ?? 0;
    this.sequence = sequence;
    this.options = options;
    this.state = liveState(options);
    this.running = 0;
  }

  get patterns(): readonly string[] {
    return typeof this.pattern === 'string' ? [this.pattern] : this.pattern;
  }
}

function liveState(options: SubscribeOptions | undefined): number {
  if (options === undefined) return LIVE;
  const { filter, signal, once, supervisor } = options;
  return filter !== undefined || signal !== undefined || once === true || supervisor !== undefined ? GUARDED : LIVE;
}

const infos = new WeakMap<Registration, HandlerInfo>();
const drains = new WeakMap<Registration, () => void>();

/** Who stands in for one that was replaced. */
const heirs = new WeakMap<Registration, Registration>();

/** Has another one called from now on where an event has still to come to one that is gone. */
export function leaveTo(registration: Registration, heir: Registration): void {
  heirs.set(registration, heir);
}

/** The registration itself, or, when it is gone, the last of those that were put in its place. */
export function inPlaceOf(registration: Registration): Registration {
  let one = registration;
  for (let heir = heirs.get(one); one.state === GONE && heir !== undefined; heir = heirs.get(one)) one = heir;
  return one;
}

/** The stable description of a registration that observers and failures carry. */
export function handlerInfo(registration: Registration): HandlerInfo {
  let info = infos.get(registration);
  if (info === undefined) {
    const { patterns, priority, sequence, options } = registration;
    const name = options?.name ?? options?.durable ?? options?.group ?? (ownName(registration) || patterns.join(' '));
    info = Object.freeze({
      id: sequence,
      name,
      patterns: Object.freeze(patterns),
      priority,
      scope: options?.owner?.source,
    });
    infos.set(registration, info);
  }
  return info;
}

/** The name a function gives itself; a class or proxy may answer with anything, or throw. */
function ownName({ handler, options }: Registration): string {
  try {
    const { name } = (options?.given ?? handler) as { readonly name: unknown };
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}

/** Says that a call of a registration has settled. */
export function callSettled(registration: Registration): void {
  if (registration.running === 0 && registration.state === GONE) drains.get(registration)?.();
}

/** Resolves when none of the calls of a registration that is gone is running any more. */
export async function drained(registration: Registration): Promise<void> {
  // A call that is making this one counts as running only when it has returned a promise.
  await undefined;
  if (registration.running === 0) return;
  await new Promise<void>((resolve) => {
    const before = drains.get(registration);
    drains.set(registration, () => {
      before?.();
      resolve();
    });
  });
}

/** The callable handle of a registration; the bus holds no reference to it. */
export function createSubscription(
  registration: Registration,
  remove: (registration: Registration) => void,
): Subscription {
  return new Proxy(callable as Subscription, new HandleTraps(registration, remove));
}

/** Nobody else can name it: through its registration a handle would lead to the whole bus. */
const OWN: unique symbol = Symbol('registration');

/**
 * What a handle does when it is called, or asked about its registration. A proxy, as engines make one five times as
 * fast as they give a function another prototype.
 */
class HandleTraps implements ProxyHandler<Subscription> {
  readonly [OWN]: Registration;
  private readonly remove: (registration: Registration) => void;

  constructor(registration: Registration, remove: (registration: Registration) => void) {
    this[OWN] = registration;
    this.remove = remove;
  }

  apply(): void {
    this.remove(this[OWN]);
  }

  // Accessors are called on the traps, methods on the handle: either has the registration.
  get(target: Subscription, key: PropertyKey): unknown {
    return key === OWN ? this[OWN] : Reflect.get(target, key, this);
  }
}

type Handle = (() => void) & { readonly [OWN]: Registration };

// One prototype for every handle: five properties defined on each would cost more than the subscription itself.
const handlePrototype: object = Object.create(Function.prototype, {
  pattern: {
    get(this: Handle) {
      return this[OWN].pattern;
    },
  },
  active: {
    get(this: Handle) {
      return this[OWN].state !== GONE;
    },
  },
  paused: {
    get(this: Handle) {
      return this[OWN].state === PAUSED;
    },
  },
  pause: {
    value(this: Handle) {
      const registration = this[OWN];
      if (registration.state === GONE) return;
      registration.state = PAUSED;
      registration.options?.feed?.pausedOrResumed();
    },
  },
  resume: {
    value(this: Handle) {
      const registration = this[OWN];
      if (registration.state !== PAUSED) return;
      registration.state = liveState(registration.options);
      registration.options?.feed?.pausedOrResumed();
    },
  },
  drain: {
    async value(this: Handle): Promise<void> {
      const registration = this[OWN];
      if (registration.state !== GONE) {
        const supervisor = registration.options?.supervisor;
        if (supervisor?.isBusy(registration)) supervisor.drain(registration);
        this();
      }
      await drained(registration);
    },
  },
  // Absent in engines without explicit resource management, where `using` cannot be written either.
  ...(Symbol.dispose === undefined
    ? undefined
    : {
        [Symbol.dispose]: {
          value(this: Handle) {
            this();
          },
        },
      }),
});

const unsubscribe = (): void => {};
/** What all handles stand before; frozen, as none may leave anything on it that the others would show. */
const callable: unknown = Object.freeze(Object.setPrototypeOf(unsubscribe, handlePrototype));
