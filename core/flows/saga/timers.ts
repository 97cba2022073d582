import type { PluginScope } from '../../index.js';
import type { Action, Instance } from './instance.js';
import type { Due, Ledger } from './ledger.js';
import { passage } from './passage.js';
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
  /** By instance, when its first time is over, epoch ms; for those that wait for one. */
  readonly #times = new Map<Instance, number>();
  /** None of them is over earlier than this, epoch ms. */
  #first: number = Number.POSITIVE_INFINITY;
  #timer: unknown;
  /** When the timer looks, epoch ms; not a number while none is set. */
  #looksAt: number = Number.NaN;

  constructor(plan: Plan, scope: PluginScope, ledger: Ledger) {
    this.#plan = plan;
    this.#scope = scope;
    this.#ledger = ledger;
  }

  /** Sets the timer for what is due first; to be called whenever the ledger has changed. */
  set(): void {
    this.#readChanges();
    const { clock, signal } = this.#scope;
    const first = this.#first + this.#grace;
    if (first === this.#looksAt) return;
    clock.clearTimeout(this.#timer);
    this.#looksAt = Number.NaN;
    if (first === Number.POSITIVE_INFINITY || signal.aborted) return;
    const delayMs = Math.min(Math.max(0, first - clock.now()), LONGEST_TIMER_MS);
    this.#timer = clock.setTimeout(() => void this.#look(), delayMs);
    this.#looksAt = first;
  }

  async #look(): Promise<void> {
    const { clock, signal } = this.#scope;
    this.#looksAt = Number.NaN;
    try {
      // Another may have answered, or said it.
      await this.#ledger.catchUp();
      this.#readChanges();
      const now = clock.now() - this.#grace;
      const due = [...this.#times].flatMap(([instance, at]) => (at <= now ? [instance] : []));
      await Promise.all(
        due.flatMap((instance) => this.#pending(instance)).map((one) => (one.at <= now ? this.#say(one) : undefined)),
      );
      for (const instance of due) this.#read(instance);
      this.#first = Number.POSITIVE_INFINITY;
      for (const at of this.#times.values()) this.#first = Math.min(this.#first, at);
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
      await passage(this.#scope.emit(`${this.#plan.prefix}due`, due, { correlationId }));
    } catch (error) {
      action.asked = asked;
      throw error;
    }
  }

  get #grace(): number {
    return this.#ledger.isOwn ? 0 : GRACE_MS;
  }

  /** Of the instances that have changed alone, as very many may be open; so `#first` may be of one that waits no more. */
  #readChanges(): void {
    const { changed } = this.#ledger;
    for (const instance of changed) this.#read(instance);
    changed.clear();
    if (this.#times.size === 0) this.#first = Number.POSITIVE_INFINITY;
  }

  #read(instance: Instance): void {
    let first = Number.POSITIVE_INFINITY;
    for (const { at } of this.#pending(instance)) first = Math.min(first, at);
    if (first === Number.POSITIVE_INFINITY) this.#times.delete(instance);
    else this.#times.set(instance, first);
    this.#first = Math.min(this.#first, first);
  }

  /** What of an instance waits for a time that this node has not said to be over. */
  #pending(instance: Instance): Pending[] {
    const pending: Pending[] = [];
    if (instance.isOver) return pending;
    for (const [step, record] of instance.steps) {
      const planned = this.#plan.steps.get(step);
      for (const undo of [false, true]) {
        const action = undo ? record.undo : record.act;
        const timeoutMs = (undo ? planned?.undo : planned?.act)?.timeoutMs ?? Number.POSITIVE_INFINITY;
        const wait = action.state === 'waiting';
        const due: Due = { id: instance.id, step, undo, attempt: action.attempt, wait };
        if (!(wait || action.state === 'sent') || action.asked === nameOf(due)) continue;
        pending.push({ due, action, instance, at: wait ? action.retryAt : action.at + timeoutMs });
      }
    }
    return pending;
  }
}

const nameOf = ({ attempt, wait }: Due): string => `${attempt} ${wait}`;
