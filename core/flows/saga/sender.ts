import { type BusEvent, CrosstownError, type Emission, InvalidOptionError, type PluginScope } from '../../index.js';
import { failed, type Move } from './decide.js';
import type { SagaCommand, SagaContext } from './definition.js';
import type { Fact, KeptEvent } from './facts.js';
import { notEnded } from './faults.js';
import type { Instance } from './instance.js';
import { isOfTheBus, passage } from './passage.js';
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
      const command = commandOf(undo ? 'compensate' : 'send', how.send(this.#context(instance)));
      const emission = this.#emit(command, instance, key, cause);
      await passage(emission);
      return { name: 'step.sent', data: { id, step, undo, attempt, key, command: emission.event.id, after } };
    } catch (error) {
      if (isOfTheBus(error)) throw error;
      const failure = { reason: 'refused', error: told(error) } as const;
      const move = failed(instance, step, undo, how, attempt, failure, this.#scope.clock.now());
      return move.move === 'say' ? move : undefined;
    }
  }

  /**
   * Emits what the saga says at its end, once for each instance, and resolves when it is stored. Rejects as `step` does,
   * and with what is not worth another try when it cannot be made or emitted.
   */
  async end(instance: Instance, as: 'completed' | 'failed', cause: BusEvent): Promise<Fact> {
    const { name } = this.#plan;
    const { id, failedStep = '' } = instance;
    const make = instance.wasOver ? undefined : this.#plan.ends[as];
    try {
      const event = make && commandOf(as, make(this.#context(instance)));
      if (event !== undefined) await passage(this.#emit(event, instance, `${name}:${id}:${as}`, cause));
    } catch (error) {
      throw isOfTheBus(error) ? error : notEnded(name, id, as, error);
    }
    return as === 'completed' ? { name: as, data: { id } } : { name: as, data: { id, step: failedStep } };
  }

  #emit({ type, data }: Command, { start }: Instance, idempotencyKey: string, cause: BusEvent): Emission {
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

/** @throws InvalidOptionError for what has to be waited for, whose own failure is nobody's then */
function commandOf(option: string, made: Command & { readonly then?: unknown }): Command {
  const { then } = made;
  if (typeof then !== 'function') return made;
  then.call(
    made,
    () => {},
    () => {},
  );
  throw new InvalidOptionError(option, made, 'a function that is not asynchronous');
}

function told(error: unknown): { readonly name: string; readonly message: string } {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: String(error) };
}
