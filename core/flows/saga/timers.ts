import type { PluginScope } from '../../index.js';
import type { Action, Instance } from './instance.js';
import type { Due, Ledger } from './ledger.js';
import type { Plan } from './plan.js';

/** How long a node leaves it to the one that works to say that a time is over. */
const GRACE_MS = 1000;

/** How long after the store has failed it is asked again. */
const AGAIN_MS = 1000;

/** A platform's timer takes no more. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

interface Pending {
  readonly due: Due;
  readonly action: Action;
  readonly instance: Instance;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Says, as an event, when a time is over, so that whoever works for the saga hears of it in order with the answers. Every
 * node does, as any may be the last: to hear it twice is to hear it once.
 */
export class Timers {
  readonly #plan: Plan;
  readonly #scope: PluginScope;
  readonly #ledger: Ledger;
  #timer: unknown;

  constructor(plan: Plan, scope: PluginScope, ledger: Ledger) {
    this.#plan = plan;
    this.#scope = scope;
    this.#ledger = ledger;
  }

  /** Sets the timer for what is due first; to be called whenever the ledger has changed. */
  set(): void {
    const { clock } = this.#scope;
    clock.clearTimeout(this.#timer);
    const first = Math.min(...this.#pending().map(({ at }) => at));
    if (first === Number.POSITIVE_INFINITY || this.#scope.signal.aborted) return;
    const delayMs = Math.min(Math.max(0, first - clock.now()), LONGEST_TIMER_MS);
    this.#timer = clock.setTimeout(() => void this.#look(), delayMs);
  }

  async #look(): Promise<void> {
    const { clock, signal } = this.#scope;
    try {
      // Another may have answered, or said it.
      await this.#ledger.catchUp();
      const now = clock.now();
      await Promise.all(this.#pending().map((one) => (one.at <= now ? this.#say(one) : undefined)));
      this.set();
    } catch {
      // Whatever the store has, it is reported where it is written to and read from for the saga itself.
      if (!signal.aborted) this.#timer = clock.setTimeout(() => void this.#look(), AGAIN_MS);
    }
  }

  async #say({ due, action, instance: { start } }: Pending): Promise<void> {
    const { asked } = action;
    action.asked = nameOf(due);
    try {
      const { correlationId } = start;
      await this.#scope.emit(`${this.#plan.prefix}due`, due, { correlationId }).persisted;
    } catch (error) {
      action.asked = asked;
      throw error;
    }
  }

  /** What waits for a time that this node has not said to be over. */
  #pending(): Pending[] {
    const grace = this.#ledger.isOwn ? 0 : GRACE_MS;
    const pending: Pending[] = [];
    for (const instance of this.#ledger.instances.values()) {
      if (instance.isOver) continue;
      for (const [step, record] of instance.steps) {
        const planned = this.#plan.steps.get(step);
        for (const undo of [false, true]) {
          const action = undo ? record.undo : record.act;
          const timeoutMs = (undo ? planned?.undo : planned?.act)?.timeoutMs ?? Number.POSITIVE_INFINITY;
          const wait = action.state === 'waiting';
          const due: Due = { id: instance.id, step, undo, attempt: action.attempt, wait };
          if (!(wait || action.state === 'sent') || action.asked === nameOf(due)) continue;
          pending.push({ due, action, instance, at: (wait ? action.retryAt : action.at + timeoutMs) + grace });
        }
      }
    }
    return pending;
  }
}

const nameOf = ({ attempt, wait }: Due): string => `${attempt} ${wait}`;
