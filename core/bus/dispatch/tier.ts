import type { Topic } from '../router/registry.js';
import { callSettled, type Registration } from '../router/subscription.js';
import type { LiveEmission } from './delivery.js';
import type { Outcomes } from './outcomes.js';

/** A `then` that was read from what a handler returned. */
export type Then = (this: unknown, ok: (value: unknown) => void, failed: (error: unknown) => void) => unknown;

const nativeThen = Promise.prototype.then as Then;

/** The `then` of what a handler of `emission` returned, if it is a promise of any kind. */
export function thenOf(returned: unknown, emission: LiveEmission): Then | undefined {
  if (returned === undefined || returned === null || returned === emission) return undefined;
  // Read once (D11): a getter may answer differently the second time.
  const { then } = returned as { then?: unknown };
  return typeof then === 'function' ? (then as Then) : undefined;
}

/** Waits for what a handler returned, with the `then` that was read from it. */
export function watch(
  returned: unknown,
  then: Then,
  ok: (value: unknown) => void,
  failed: (error: unknown) => void,
): void {
  try {
    const promise =
      then === nativeThen ? returned : new Promise<unknown>((resolve, reject) => then.call(returned, resolve, reject));
    nativeThen.call(promise, ok, failed);
  } catch (error) {
    // What inherits from a promise, or is a proxy around one, has its `then` and is none.
    nativeThen.call(Promise.reject(error), ok, failed);
  }
}

/** Who goes on when every call of a tier has settled. */
export interface TierOwner {
  completed(tier: Tier): void;
}

/** Asynchronous calls of one priority, which run at the same time while lower priorities wait (D3). */
export class Tier {
  readonly topic: Topic;
  readonly emission: LiveEmission;
  readonly priority: number;
  /** Where the next priority begins in the topic's list. */
  next: number;
  private readonly outcomes: Outcomes;
  private readonly owner: TierOwner;
  private pending: number;

  constructor(outcomes: Outcomes, topic: Topic, emission: LiveEmission, priority: number, owner: TierOwner) {
    this.outcomes = outcomes;
    this.owner = owner;
    this.topic = topic;
    this.emission = emission;
    this.priority = priority;
    this.next = 0;
    this.pending = 0;
  }

  /** Waits for one more call, which says itself when it has settled. */
  hold(): void {
    this.pending++;
  }

  /** Waits for one more call, whose handler returned `returned` with `then` on it. */
  join(registration: Registration, startedAt: number, returned: unknown, then: Then): void {
    const { outcomes, emission } = this;
    this.pending++;
    registration.running++;
    const ok = (): void => {
      outcomes.succeeded(registration, emission, startedAt);
      this.leave(registration);
    };
    const failed = (error: unknown): void => {
      outcomes.attemptFailed(registration, emission, startedAt, error);
      outcomes.failed(registration, emission, error, 1, false);
      this.leave(registration);
    };
    watch(returned, then, ok, failed);
  }

  private leave(registration: Registration): void {
    registration.running--;
    callSettled(registration);
    this.settle(registration);
  }

  /** One call is over; `registration` is undefined when it was never made. */
  settle(registration: Registration | undefined): void {
    if (this.emission.event.cancelled && registration !== undefined) this.emission.canceller = registration;
    if (--this.pending === 0) this.owner.completed(this);
  }
}
