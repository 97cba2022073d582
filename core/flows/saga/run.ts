import { type BusEvent, type Delivery, InvalidOptionError, type PluginScope } from '../../index.js';
import { answered, type Move, next, overdue } from './decide.js';
import { type Fact, type FactName, keep } from './facts.js';
import { factsLost, isWorthATry, noId } from './faults.js';
import type { Instance } from './instance.js';
import { Ledger } from './ledger.js';
import type { Plan } from './plan.js';
import { Sender } from './sender.js';
import { SagaStuckError } from './stuck-error.js';
import { Timers } from './timers.js';
import { type SagaInstance, viewOf } from './view.js';

/** How often what a store that has failed kept from being done is tried. */
const RETRY = { attempts: 8, delayMs: 250, factor: 2, jitter: 0 };

/** What a saga hears of its own: the rest of its facts it reads. */
const ORDERS: readonly FactName[] = ['due', 'stuck', 'retried'];

/** A saga at work on one bus. */
export class SagaRun {
  readonly #plan: Plan;
  readonly #scope: PluginScope;
  readonly #ledger: Ledger;
  readonly #sender: Sender;
  readonly #timers: Timers;
  /** Ids of the events whose dead letter was left, where deliveries have no key to tell. */
  readonly #lettered = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  /** Offset of the event that was handled last. */
  #handled = 0;

  /** @throws InvalidOptionError for events that are not stored, PermissionError */
  constructor(plan: Plan, scope: PluginScope) {
    this.#plan = plan;
    this.#scope = scope;
    this.#ledger = new Ledger(plan, scope, this.#subscribe());
    this.#sender = new Sender(plan, scope);
    this.#timers = new Timers(plan, scope, this.#ledger);
  }

  get nodeId(): string {
    return this.#scope.nodeId;
  }

  /** Reads what there is; undefined where that takes no time. */
  begin(): Promise<void> | undefined {
    return this.#ledger.isStored ? this.#catchUp() : undefined;
  }

  async instances(): Promise<readonly SagaInstance[]> {
    await this.#catchUp();
    return [...this.#ledger.instances.values()].map(viewOf);
  }

  /** Whether there is a store, which then has one node at a time work, in order. */
  #subscribe(): boolean {
    const { name, prefix, hears } = this.#plan;
    const scope = this.#scope;
    const patterns = [...hears, ...ORDERS.map((order) => prefix + order)];
    const handler = (event: BusEvent, delivery: Delivery): Promise<void> => this.#inTurn(event, delivery);
    const options = { name: `saga.${name}`, concurrency: 1, retry: { ...RETRY, retryIf: isWorthATry } };
    // A node that does not work has to know what will be due, should it be the last one.
    const watch = async (_: BusEvent, { node }: Delivery): Promise<void> => {
      if (node !== scope.nodeId) await this.#catchUp();
    };
    try {
      scope.on(`${prefix}**`, watch, { name: `saga.${name}.watch`, catchUp: true, retry: RETRY });
    } catch (error) {
      if (!(error instanceof InvalidOptionError && error.option === 'catchUp')) throw error;
      scope.on(patterns, handler, options);
      return false;
    }
    scope.on(patterns, handler, { ...options, group: 'work' });
    return true;
  }

  async #catchUp(): Promise<void> {
    await this.#ledger.catchUp();
    this.#timers.set();
  }

  /** A dead letter that is retried does not wait for the one that is being handled, and must. */
  #inTurn(event: BusEvent, delivery: Delivery): Promise<void> {
    const done = this.#work.then(() => this.#handle(event, delivery));
    this.#work = done.catch(() => {});
    return done;
  }

  async #handle(event: BusEvent, delivery: Delivery): Promise<void> {
    await this.#ledger.catchUp();
    try {
      const offset = this.#offsetOf(event, delivery);
      const instance = await this.#instanceOf(event, delivery);
      if (instance !== undefined) await this.#goOn(instance, event, offset, this.#reaction(instance, event, offset));
      if (offset !== Number.POSITIVE_INFINITY) this.#handled = offset;
      const isStuck = instance?.state === 'stuck' && instance.stuckBy === event.id;
      if (isStuck) await this.#letter(instance, event, delivery);
    } finally {
      this.#timers.set();
    }
  }

  /** The instance that an event is of, which it may begin. */
  async #instanceOf(event: BusEvent, { node }: Delivery): Promise<Instance | undefined> {
    const { instances, isStored } = this.#ledger;
    const order = this.#orderOf(event);
    // What others emit under its name is no order.
    if (order !== undefined && event.source !== this.#scope.source) return undefined;
    const id = order === undefined ? this.#idOf(event) : (event.data as { id: string }).id;
    if (id === undefined) return undefined;
    const isStart = order === undefined && !instances.has(id) && this.#plan.startOn(event.type);
    // Without a store nobody says which of the nodes works: it is the one where it begins.
    if (isStart && (isStored || node === this.#scope.nodeId)) {
      const fact: Fact = { name: 'started', data: { id, event: keep(event) } };
      await this.#ledger.say([fact], event.correlationId, event);
    }
    return instances.get(id);
  }

  #idOf(event: BusEvent): string | undefined {
    const { name, id: idOf } = this.#plan;
    let cause: unknown;
    try {
      const id: unknown = idOf(event);
      if (id === undefined || typeof id === 'string') return id;
      cause = new InvalidOptionError('id', id, 'a function that returns a text or undefined');
    } catch (error) {
      cause = error;
    }
    throw noId(name, event, cause);
  }

  #reaction(instance: Instance, event: BusEvent, offset: number): Move[] {
    const now = this.#scope.clock.now();
    const order = this.#orderOf(event);
    if (order === undefined) return answered(this.#plan, instance, event, offset, now);
    return order === 'due' ? overdue(this.#plan, instance, event.data as never, now) : [];
  }

  /** Makes the first moves, and those that follow from them, until there is something to wait for. */
  async #goOn(instance: Instance, cause: BusEvent, offset: number, first: Move[]): Promise<void> {
    const { clock } = this.#scope;
    const after = Number.isFinite(offset) ? offset : this.#handled;
    let moves = first.length > 0 ? first : next(this.#plan, instance, clock.now());
    while (moves.length > 0) {
      const { version } = instance;
      await this.#make(instance, moves, cause, after);
      if (instance.version === version) throw factsLost(this.#plan.name, instance.id);
      moves = next(this.#plan, instance, clock.now());
    }
  }

  async #make(instance: Instance, moves: readonly Move[], cause: BusEvent, after: number): Promise<void> {
    const made = await Promise.allSettled(
      moves.map((move): Promise<Fact | undefined> | Fact => {
        if (move.move === 'send') return this.#sender.step(instance, move, cause, after);
        return move.move === 'end' ? this.#sender.end(instance, move.as, cause) : move;
      }),
    );
    const facts = made.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
    // Even when one could not be sent: the others were.
    if (facts.length > 0) await this.#ledger.say(facts, instance.start.correlationId, cause);
    for (const one of made) if (one.status === 'rejected') throw one.reason;
  }

  /** Fails for a dead letter at first, and goes on when that is retried. */
  async #letter({ id, start }: Instance, event: BusEvent, { key }: Delivery): Promise<void> {
    const { step } = event.data as { step: string };
    const isFirst = this.#ledger.isStored ? key !== undefined : !this.#lettered.has(event.id);
    if (isFirst) {
      this.#lettered.add(event.id);
      throw new SagaStuckError(this.#plan.name, id, step);
    }
    this.#lettered.delete(event.id);
    // Whoever works hears of it: that need not be the node where somebody retried.
    await this.#ledger.say([{ name: 'retried', data: { id, step } }], start.correlationId, event);
  }

  #orderOf({ type }: BusEvent): FactName | undefined {
    const { prefix } = this.#plan;
    return type.startsWith(prefix) ? (type.slice(prefix.length) as FactName) : undefined;
  }

  /** Where it stands in the store, as its key says; infinite for a dead letter that is retried. */
  #offsetOf({ id }: BusEvent, { key }: Delivery): number {
    if (!this.#ledger.isStored) return this.#handled + 1;
    if (key === undefined) return Number.POSITIVE_INFINITY;
    const [offset] = key
      .slice(0, -(id.length + 1))
      .split(':')
      .slice(-1);
    return Number(offset);
  }
}
