import type { AnyEvents, EventMap, Plugin, PluginScope } from '../index.js';
import type { SagaDefinition, SagaOptions } from './saga/definition.js';
import { planOf } from './saga/plan.js';
import { SagaRun } from './saga/run.js';
import type { SagaInstance } from './saga/view.js';

export type {
  SagaCommand,
  SagaContext,
  SagaDefinition,
  SagaFailure,
  SagaOptions,
  SagaPatterns,
  SagaRetry,
  SagaStep,
} from './saga/definition.js';
export type { KeptEvent, SagaEvents, SagaFacts, SagaFailureReason } from './saga/facts.js';
export type { SagaState } from './saga/instance.js';
// biome-ignore lint/performance/noBarrelFile: the entry names what its users catch.
export { SagaStuckError } from './saga/stuck-error.js';
export type { SagaInstance, SagaStepInfo, SagaStepState } from './saga/view.js';

/** A saga, to be installed on a bus. */
export interface Saga<M extends EventMap<M> = AnyEvents> extends Plugin<M> {
  /**
   * The instances under way, and the latest that are over, oldest first, as the log has them now; empty where it is not
   * installed. Installed on several buses of a process, it takes the one that is asked about.
   */
  instances(bus?: { readonly nodeId: string }): Promise<readonly SagaInstance[]>;
}

/**
 * Defines a saga: steps in order, each a command and the events that answer it, and, when one fails for good, the way
 * back over those that were completed, the last first.
 *
 * Commands and answers are events like any other. A command has the correlation id of the start, the event that led to it
 * as its cause, and in its metadata an `idempotencyKey`, `<saga>:<id>:<step>:<attempt>`: it may be sent twice with one key
 * when a node crashes, so receivers look at it. What the saga does it says in events, `saga.<name>.**`, that hold copies
 * of the start and of the answers. Its state is read from those alone: with a store whose nodes share it one of them
 * works, the next goes on where it stood, and answers that came meanwhile are found. Without a store the node where an
 * instance begins works for it, and what is open is lost with the page, or when the saga is uninstalled.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * const checkout = defineSaga<AppEvents>({
 *   name: 'checkout',
 *   startOn: 'order.placed',
 *   steps: [
 *     {
 *       name: 'payment',
 *       send: ({ start }) => ({ type: 'payment.request', data: { amount: start.data.total } }),
 *       completedOn: 'payment.completed',
 *       failedOn: 'payment.failed',
 *       timeoutMs: 30_000,
 *       compensate: ({ resultOf }) => ({ type: 'payment.refund', data: { tx: resultOf('payment.completed').tx } }),
 *     },
 *   ],
 *   failed: ({ id }) => ({ type: 'order.cancelled', data: { orderId: id } }),
 * });
 * await bus.install(checkout);
 * const open = await checkout.instances();
 */
export function defineSaga(definition: SagaOptions<AnyEvents>): Saga;
export function defineSaga<M extends EventMap<M>>(definition: SagaOptions<M>): Saga<M>;
export function defineSaga<M extends EventMap<M>>(definition: SagaOptions<M>): Saga<M> {
  const plan = planOf(definition as unknown as SagaDefinition<AnyEvents, string>);
  const facts = `${plan.prefix}**`;
  const runs = new Map<string, SagaRun>();
  return {
    name: `saga.${plan.name}`,
    permissions: { emit: [facts, ...plan.emits], on: [facts, ...plan.hears] },
    setup(scope) {
      const run = new SagaRun(plan, scope as unknown as PluginScope);
      runs.set(run.nodeId, run);
      scope.onDispose(() => {
        if (runs.get(run.nodeId) === run) runs.delete(run.nodeId);
      });
      return run.begin();
    },
    async instances(bus) {
      const run = bus === undefined ? [...runs.values()].at(-1) : runs.get(bus.nodeId);
      return run === undefined ? [] : run.instances();
    },
  };
}
