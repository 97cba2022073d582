import { type BusEvent, InvalidOptionError, type PluginScope } from '../../index.js';
import type { Fact, SagaFacts } from './facts.js';
import { Instance } from './instance.js';
import { passage } from './passage.js';
import type { Plan } from './plan.js';

/** The facts of a saga, and the instances they come to: nothing else changes these. */
export class Ledger {
  readonly instances: Map<string, Instance> = new Map();
  /** Those there was a fact of since somebody has last emptied this. */
  readonly changed: Set<Instance> = new Set();
  /** Whether the facts are in the store; else they are in the memory of this node alone. */
  readonly isStored: boolean;
  /** Whether the latest fact is of this node. */
  isOwn = false;
  readonly #plan: Plan;
  readonly #scope: PluginScope;
  /** Ids of facts that were emitted here and not read back yet. */
  readonly #own = new Set<string>();
  /** Offset of the latest fact that was read. */
  #read = 0;
  #reading: Promise<void> = Promise.resolve();
  /** Ids of those that are over, by when they ended. */
  readonly #over = new Set<string>();

  constructor(plan: Plan, scope: PluginScope, isStored: boolean) {
    this.#plan = plan;
    this.#scope = scope;
    this.isStored = isStored;
  }

  /** Reads on to the end of the log, as other nodes write there, too. */
  catchUp(): Promise<void> {
    if (!this.isStored) return Promise.resolve();
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /** Emits facts, and resolves when they are stored and count. Rejects when the store does not take them. */
  async say(facts: readonly Fact[], correlationId: string, cause: BusEvent | undefined): Promise<void> {
    const emissions = facts.map(({ name, data }) =>
      this.#scope.emit(`${this.#plan.prefix}${name}`, data, { correlationId, cause }),
    );
    if (!this.isStored) {
      for (const { event } of emissions) this.#apply(event);
      return;
    }
    for (const { event } of emissions) this.#own.add(event.id);
    const stored = await Promise.allSettled(emissions.map(passage));
    for (const [i, result] of stored.entries()) {
      if (result.status === 'rejected') {
        this.#own.delete(emissions[i]?.event.id ?? '');
        throw result.reason;
      }
      if (result.value !== undefined) continue;
      throw new InvalidOptionError('persist', this.#plan.prefix, `${this.#plan.prefix}** to store, or no store`);
    }
    await this.catchUp();
  }

  async #readOn(): Promise<void> {
    const { prefix } = this.#plan;
    const { source } = this.#scope;
    // What others emit under its name is no fact.
    for await (const { offset, event } of this.#scope.history({ pattern: `${prefix}**`, source, after: this.#read })) {
      this.#apply(event);
      this.#read = offset;
    }
  }

  #apply(event: BusEvent): void {
    const fact = { name: event.type.slice(this.#plan.prefix.length), data: event.data } as Fact;
    if (fact.name === 'due') return;
    this.isOwn = !this.isStored || this.#own.delete(event.id);
    const { id } = fact.data;
    if (fact.name === 'started' && !this.instances.has(id)) {
      this.instances.set(id, new Instance(this.#plan, fact.data, event.timestamp));
    }
    const instance = this.instances.get(id);
    if (instance === undefined) return;
    instance.apply(fact, event.id, event.timestamp);
    this.changed.add(instance);
    this.#over.delete(id);
    if (!instance.isOver) return;
    this.#over.add(id);
    for (const oldest of this.#over) {
      if (this.#over.size <= this.#plan.maxFinished) break;
      this.#over.delete(oldest);
      this.instances.delete(oldest);
    }
  }
}

/** What a fact says of a time that is over. */
export type Due = SagaFacts['due'];
