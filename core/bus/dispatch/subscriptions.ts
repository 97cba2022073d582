import { BusClosedError, InvalidOptionError } from '../errors.js';
import { parsePattern, patternKey, uniquePatterns } from '../event/pattern.js';
import { type AbortGroup, assertSignal } from '../router/abort-group.js';
import type { Registry } from '../router/registry.js';
import { type PatternUse, reportPatterns } from '../router/registry-report.js';
import {
  type AnyHandler,
  createSubscription,
  type Feed,
  GONE,
  handlerInfo,
  leaveTo,
  type Owner,
  Registration,
  type RetryOptions,
  type SubscribeOptions,
  type Subscription,
} from '../router/subscription.js';
import type { SubscriptionSites } from '../router/subscription-sites.js';
import { assertName, assertPriority } from './admit.js';
import type { FailedHandler } from './dead-letter.js';
import type { Dispatcher } from './dispatch.js';
import { assertRetry } from './retry.js';
import { Supervisor } from './supervisor.js';

/** What subscribing takes. */
export interface SubscriptionsParts {
  readonly registry: Registry;
  readonly aborts: Pick<AbortGroup<Registration>, 'add' | 'delete'>;
  readonly dispatcher: () => Dispatcher;
  /** Retries of those who do not say. */
  readonly retry: RetryOptions | undefined;
  readonly sites: SubscriptionSites | undefined;
  /** What reads events from the store for a subscription that asks for that. @throws InvalidOptionError */
  readonly feed: (patterns: readonly string[], options: SubscribeOptions, answers: boolean) => Feed;
  /** Called before a subscription can get its first event. */
  readonly open: () => void;
}

/** The subscriptions of a bus, from the call of `on` to their end. */
export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  /** Made, and not yet known to the router. */
  readonly #held = new Set<Registration>();
  #made = 0;
  /** How many there are. */
  live = 0;

  /** @throws InvalidOptionError */
  constructor(parts: SubscriptionsParts) {
    if (parts.retry !== undefined) assertRetry(parts.retry);
    this.#parts = parts;
  }

  /** @throws InvalidPatternError, InvalidOptionError, BusClosedError */
  add(
    pattern: string | readonly string[],
    handler: AnyHandler,
    given: SubscribeOptions | undefined,
    answers: boolean,
  ): Subscription {
    const { registry, aborts, sites, open } = this.#parts;
    if (registry.closed) throw new BusClosedError('on');
    assertFunction('handler', handler);
    // Read once: what becomes of the object later changes nothing.
    const options = given && { ...given };
    if (options?.filter !== undefined) assertFunction('filter', options.filter);
    assertPriority(options?.priority);
    assertName(options?.name);
    assertSignal(options?.signal);
    if (options?.batch !== undefined) {
      if (answers)
        throw new InvalidOptionError('batch', options.batch, 'left out: every request has an answer of its own');
      if (options.once === true) throw new InvalidOptionError('once', true, 'left out, or a batch of the size 1');
    }
    const own = typeof pattern === 'string' ? pattern : uniquePatterns(pattern);
    const feed = options && this.#feed(own, options, answers);
    const registration = new Registration(handler, own, ++this.#made, this.#supervised(options, answers, feed));
    const signal = options?.signal;
    if (signal?.aborted === true) {
      for (const one of registration.patterns) parsePattern(one);
      registration.state = GONE;
    } else {
      open();
      this.live++;
      sites?.made(registration);
      if (signal !== undefined) aborts.add(signal, registration);
      options?.owner?.registrations.add(registration);
      if (options?.owner?.isHeld === true) {
        for (const one of registration.patterns) parsePattern(one);
        this.#held.add(registration);
      } else this.#begin(registration);
    }
    return createSubscription(registration, this.remove);
  }

  /** Has a registration get its events from now on. */
  #begin(registration: Registration): void {
    this.#parts.registry.add(registration);
    this.#parts.dispatcher().inspector?.tell({ kind: 'subscribed', handler: handlerInfo(registration) });
    registration.options?.feed?.begin(registration);
  }

  /**
   * Has what was held for one scope take the place of what another has subscribed, between two events. Calls that wait for
   * a handler are made by the one of the same name and patterns, the first by the first of those, or else still by the old
   * one. Returns who has retired.
   */
  takeOver(before: Owner, after: Owner, meanwhile: () => void): readonly Registration[] {
    const retired = [...before.registrations];
    const heirs = [...after.registrations].filter((one) => this.#held.delete(one));
    const free = new Set(heirs);
    this.#parts.dispatcher().between(() => {
      meanwhile();
      for (const one of retired) {
        const { supervisor } = one.options ?? {};
        const heir = [...free].find((other) => isSameHandler(one, other));
        if (heir !== undefined) {
          free.delete(heir);
          leaveTo(one, heir);
        }
        if (heir?.options?.supervisor !== undefined) supervisor?.leaveTo(heir.options.supervisor, heir);
        if (supervisor?.isBusy(one)) supervisor.drain(one);
        this.remove(one);
      }
      for (const heir of heirs) this.#begin(heir);
      for (const heir of heirs) heir.options?.supervisor?.advance(heir);
    });
    return retired;
  }

  readonly remove = (registration: Registration): void => {
    // What it was still to do, as once or drained, is not wanted either.
    if (registration.state === GONE) registration.options?.supervisor?.stop();
    else if (this.#held.delete(registration)) {
      registration.state = GONE;
      this.#ended(registration);
    } else {
      this.#parts.registry.remove(registration);
      this.#ended(registration);
    }
  };

  /** Has events handled that wait for more of their batch. */
  flush(): void {
    for (const one of this.#parts.registry.all()) one.options?.supervisor?.flush(one);
  }

  /** Ends all of them. */
  close(): void {
    const { registry } = this.#parts;
    const all = registry.all();
    // All are gone before the first is said to have ended: what waited for it may go on, and nobody is called then.
    registry.close();
    for (const registration of all) this.#ended(registration);
  }

  /** Removes those of exactly this pattern, those of one handler, those of one scope, or all. */
  removeAll(pattern?: string | readonly string[], handler?: AnyHandler, owner?: Owner): void {
    const key = pattern === undefined ? undefined : patternKey(pattern);
    const all = owner === undefined ? this.#known(key) : [...owner.registrations];
    for (const one of all) {
      const isMeant = handler === undefined || (one.options?.given ?? one.handler) === handler;
      if (isMeant && (owner === undefined || key === undefined || patternKey(one.pattern) === key)) this.remove(one);
    }
  }

  #known(key: string | undefined): readonly Registration[] {
    return key === undefined ? this.#parts.registry.all() : this.#of(key);
  }

  /** One that is subscribed with the same patterns, under the same name and by the same scope, and may have the type. */
  successor({ name, patterns, scope }: FailedHandler, type: string): Registration | undefined {
    return this.#of(patternKey(patterns)).find((one) => {
      const info = handlerInfo(one);
      return info.name === name && info.scope === scope && one.options?.owner?.hears?.(type) !== false;
    });
  }

  report(): readonly PatternUse[] {
    return reportPatterns(this.#parts.registry.all(), (registration) => this.#parts.sites?.of(registration));
  }

  #ended(registration: Registration): void {
    const { aborts, dispatcher } = this.#parts;
    const { options } = registration;
    this.live--;
    options?.owner?.registrations.delete(registration);
    if (options?.signal !== undefined) aborts.delete(options.signal, registration);
    options?.supervisor?.end();
    options?.ended?.();
    options?.feed?.ended();
    dispatcher().inspector?.tell({ kind: 'unsubscribed', handler: handlerInfo(registration) });
  }

  #feed(pattern: string | readonly string[], options: SubscribeOptions, answers: boolean): Feed | undefined {
    const { durable, group, from, catchUp, leaseMs } = options;
    if ((durable ?? group ?? from ?? leaseMs) === undefined && catchUp !== true) return undefined;
    return this.#parts.feed(typeof pattern === 'string' ? [pattern] : pattern, options, answers);
  }

  #of(key: string): readonly Registration[] {
    return this.#parts.registry.candidates(key).filter((one) => patternKey(one.pattern) === key);
  }

  /** The options, with somebody to stand over the calls where that takes more than calling. */
  #supervised(
    options: SubscribeOptions | undefined,
    answers: boolean,
    feed: Feed | undefined,
  ): SubscribeOptions | undefined {
    if (options === undefined && this.#parts.retry === undefined && !answers) return undefined;
    if (feed !== undefined) {
      // It brings no more events than may be handled at a time, and what waits has room.
      const calls = { ...options, concurrency: Number.POSITIVE_INFINITY, maxQueue: Number.POSITIVE_INFINITY };
      if (options?.batch !== undefined) calls.concurrency = options.concurrency ?? 1;
      return {
        ...options,
        feed,
        supervisor: new Supervisor(this.#parts.dispatcher(), calls, this.#parts.retry, false),
      };
    }
    const { timeoutMs, concurrency, batch, retry = this.#parts.retry } = options ?? {};
    const isPlain = (timeoutMs ?? concurrency ?? retry) === undefined && batch === undefined && !answers;
    if (isPlain) return options;
    return { ...options, supervisor: new Supervisor(this.#parts.dispatcher(), options ?? {}, retry, answers) };
  }
}

function isSameHandler(one: Registration, other: Registration): boolean {
  const isNamesake = handlerInfo(one).name === handlerInfo(other).name;
  // Who asked waits for an answer: no other handler has one.
  const isOfKind = (one.options?.supervisor?.answers === true) === (other.options?.supervisor?.answers === true);
  return isNamesake && isOfKind && patternKey(one.pattern) === patternKey(other.pattern);
}

/** @throws InvalidOptionError */
export function assertFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new InvalidOptionError(option, value, 'a function');
}
