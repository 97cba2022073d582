import {
  BusClosedError,
  type BusEvent,
  CrosstownError,
  type Emission,
  InvalidOptionError,
  type PluginScope,
  QueueFullError,
  ScopeClosedError,
  StoreError,
} from '../../index.js';
import { failed, type Move } from './decide.js';
import type { SagaCommand, SagaContext } from './definition.js';
import type { Fact, KeptEvent } from './facts.js';
import type { Instance } from './instance.js';
import type { Plan } from './plan.js';

type Command = SagaCommand<Record<string, unknown>>;

/** The one way out for a saga's commands: each with the key of its attempt, before the fact that it was sent. */
export class Sender {
  readonly #plan: Plan;
  readonly #scope: PluginScope;

  constructor(plan: Plan, scope: PluginScope) {
    this.#plan = plan;
    this.#scope = scope;
  }

  /**
   * Sends a command, and resolves with the fact to say of it when it is stored. Rejects when nobody could have sent it
   * now, as with a store that has failed: it is to be sent again under the same key.
   *
   * @param after offset of the cause
   */
  async step(
    instance: Instance,
    { step, undo }: Extract<Move, { move: 'send' }>,
    cause: BusEvent,
    after: number,
  ): Promise<Fact | undefined> {
    const planned = this.#plan.steps.get(step);
    const how = undo ? planned?.undo : planned?.act;
    const record = instance.steps.get(step);
    const attempt = ((undo ? record?.undo : record?.act)?.attempt ?? 0) + 1;
    if (how === undefined) return undefined;
    const key = this.#key(instance, undo ? `${step}:undo` : step, attempt);
    const { id } = instance;
    try {
      const { event, persisted } = this.#emit(how.send(this.#context(instance)), instance, key, cause);
      await persisted;
      return { name: 'step.sent', data: { id, step, undo, attempt, key, command: event.id, after } };
    } catch (error) {
      if (isOfTheBus(error)) throw error;
      const failure = { reason: 'refused', error: told(error) } as const;
      const move = failed(instance, step, undo, how, attempt, failure, this.#scope.clock.now());
      return move.move === 'say' ? move : undefined;
    }
  }

  /** Emits what the saga says at its end, once for each instance, and resolves when it is stored. */
  async end(instance: Instance, as: 'completed' | 'failed', cause: BusEvent): Promise<Fact> {
    const { id, failedStep = '' } = instance;
    const make = instance.wasOver ? undefined : this.#plan.ends[as];
    if (make !== undefined) {
      await this.#emit(make(this.#context(instance)), instance, `${this.#plan.name}:${id}:${as}`, cause).persisted;
    }
    return as === 'completed' ? { name: as, data: { id } } : { name: as, data: { id, step: failedStep } };
  }

  #emit(command: Command, { start }: Instance, idempotencyKey: string, cause: BusEvent): Emission {
    if (command instanceof Promise) {
      command.catch(() => {});
      throw new InvalidOptionError('send', command, 'a function that is not asynchronous');
    }
    const { type, data } = command;
    return this.#scope.emit(type, data, {
      correlationId: start.correlationId,
      cause,
      metadata: { idempotencyKey },
    });
  }

  #key({ id }: Instance, step: string, attempt: number): string {
    return `${this.#plan.name}:${id}:${step}:${attempt}`;
  }

  #context({ id, start, steps, failedStep }: Instance): SagaContext<Record<string, unknown>> {
    const results: Record<string, KeptEvent> = Object.create(null);
    for (const [name, { result }] of steps) if (result !== undefined) results[name] = result;
    const lost = failedStep === undefined ? undefined : steps.get(failedStep)?.act.failure;
    return {
      id,
      start,
      results,
      failure: lost && { step: lost.step, reason: lost.reason, event: lost.event },
      resultOf: (type) => {
        const result = Object.values(results).find((one) => one.type === type);
        if (result !== undefined) return result.data;
        throw new CrosstownError(
          'SAGA_NO_RESULT',
          `No step was completed by "${type}"`,
          'Look it up in results instead',
        );
      },
    };
  }
}

/** Whether an error says nothing of the command: the same may go another time. */
function isOfTheBus(error: unknown): boolean {
  return [QueueFullError, ScopeClosedError, BusClosedError, StoreError].some((kind) => error instanceof kind);
}

function told(error: unknown): { readonly name: string; readonly message: string } {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: String(error) };
}
