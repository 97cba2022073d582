import { BusClosedError, InvalidOptionError } from '../errors.js';
import { parsePattern, patternKey, uniquePatterns } from '../event/pattern.js';
import type { HandlerInfo } from '../inspection.js';
import { type AbortGroup, assertSignal } from '../router/abort-group.js';
import type { Registry } from '../router/registry.js';
import { type PatternUse, reportPatterns } from '../router/registry-report.js';
import {
  type AnyHandler,
  createSubscription,
  type Feed,
  GONE,
  handlerInfo,
  type OnOptions,
  Registration,
  type RetryOptions,
  type SubscribeOptions,
  type Subscription,
} from '../router/subscription.js';
import type { SubscriptionSites } from '../router/subscription-sites.js';
import { assertName, assertPriority } from './admit.js';
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
  readonly feed: (patterns: readonly string[], options: OnOptions, answers: boolean) => Feed;
  /** Called before a subscription can get its first event. */
  readonly open: () => void;
}

/** The subscriptions of a bus, from the call of `on` to their end. */
export class Subscriptions {
  readonly #parts: SubscriptionsParts;
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
    const { registry, aborts, sites, dispatcher, open } = this.#parts;
    if (registry.closed) throw new BusClosedError('on');
    assertFunction('handler', handler);
    // Read once: what becomes of the object later changes nothing.
    const options = given && { ...given };
    if (options?.filter !== undefined) assertFunction('filter', options.filter);
    assertPriority(options?.priority);
    assertName(options?.name);
    assertSignal(options?.signal);
    const own = typeof pattern === 'string' ? pattern : uniquePatterns(pattern);
    const feed = options && this.#feed(own, options, answers);
    const registration = new Registration(handler, own, ++this.#made, this.#supervised(options, answers, feed));
    const signal = options?.signal;
    if (signal?.aborted === true) {
      for (const one of registration.patterns) parsePattern(one);
      registration.state = GONE;
    } else {
      open();
      registry.add(registration);
      this.live++;
      sites?.made(registration);
      if (signal !== undefined) aborts.add(signal, registration);
      dispatcher().inspector?.tell({ kind: 'subscribed', handler: handlerInfo(registration) });
      feed?.begin(registration);
    }
    return createSubscription(registration, this.remove);
  }

  readonly remove = (registration: Registration): void => {
    // What it was still to do, as once or drained, is not wanted either.
    if (registration.state === GONE) registration.options?.supervisor?.stop();
    else {
      this.#parts.registry.remove(registration);
      this.#ended(registration);
    }
  };

  /** Ends all of them. */
  close(): void {
    const { registry } = this.#parts;
    const all = registry.all();
    // All are gone before the first is said to have ended: what waited for it may go on, and nobody is called then.
    registry.close();
    for (const registration of all) this.#ended(registration);
  }

  /** Removes those of exactly this pattern, those of one handler, or all. */
  removeAll(pattern?: string | readonly string[], handler?: AnyHandler): void {
    for (const registration of pattern === undefined ? this.#parts.registry.all() : this.#of(patternKey(pattern))) {
      if (handler === undefined || registration.handler === handler) this.remove(registration);
    }
  }

  /** One that is subscribed with the same patterns, under the same name. */
  successor({ name, patterns }: Pick<HandlerInfo, 'name' | 'patterns'>): Registration | undefined {
    return this.#of(patternKey(patterns)).find((one) => handlerInfo(one).name === name);
  }

  report(): readonly PatternUse[] {
    return reportPatterns(this.#parts.registry.all(), (registration) => this.#parts.sites?.of(registration));
  }

  #ended(registration: Registration): void {
    const { aborts, dispatcher } = this.#parts;
    const { options } = registration;
    this.live--;
    if (options?.signal !== undefined) aborts.delete(options.signal, registration);
    options?.supervisor?.end();
    options?.ended?.();
    options?.feed?.ended();
    dispatcher().inspector?.tell({ kind: 'unsubscribed', handler: handlerInfo(registration) });
  }

  #feed(pattern: string | readonly string[], options: OnOptions, answers: boolean): Feed | undefined {
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
      // It brings no more events than may be handled at a time.
      const calls = { ...options, concurrency: Number.POSITIVE_INFINITY };
      return {
        ...options,
        feed,
        supervisor: new Supervisor(this.#parts.dispatcher(), calls, this.#parts.retry, false),
      };
    }
    const { timeoutMs, concurrency, retry = this.#parts.retry } = options ?? {};
    const isPlain = timeoutMs === undefined && concurrency === undefined && retry === undefined && !answers;
    if (isPlain) return options;
    return { ...options, supervisor: new Supervisor(this.#parts.dispatcher(), options ?? {}, retry, answers) };
  }
}

/** @throws InvalidOptionError */
export function assertFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw new InvalidOptionError(option, value, 'a function');
}
