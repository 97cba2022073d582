import type { BusEvent } from '../../index.js';
import { type Fact, keep, type SagaFacts } from './facts.js';
import type { Action, Instance } from './instance.js';
import { delayAfter, type Plan, type PlannedAction } from './plan.js';

/** What is to be done next: to say a fact, to send a step's command or its compensation, or to end. */
export type Move =
  | ({ readonly move: 'say' } & Fact)
  | { readonly move: 'send'; readonly step: string; readonly undo: boolean }
  | { readonly move: 'end'; readonly as: 'completed' | 'failed' };

type Failure = Pick<SagaFacts['step.failed'], 'reason' | 'event' | 'error'>;

const say = (fact: Fact): Move => ({ move: 'say', ...fact });

/**
 * What an event of others changes for an instance.
 *
 * @param offset of the event in the store
 * @param now epoch ms
 */
export function answered(plan: Plan, instance: Instance, event: BusEvent, offset: number, now: number): Move[] {
  const moves: Move[] = [];
  const answersAnother = (action: Action): boolean => {
    const { causationId } = event;
    if (causationId === undefined || action.commands.includes(causationId)) return false;
    return [...instance.steps.values()].some(({ act, undo }) =>
      [act, undo].some((one) => one.commands.includes(causationId)),
    );
  };
  const isLate = ({ commands }: Action): boolean => commands.slice(0, -1).includes(event.causationId ?? '');
  for (const [step, planned] of plan.steps) {
    const { act, undo } = instance.steps.get(step) ?? {};
    for (const [action, how] of [[act, planned.act] as const, [undo, planned.undo] as const]) {
      if (action === undefined || how === undefined || answersAnother(action)) continue;
      const isOpen = action.state !== 'idle' && action.state !== 'done';
      // A success counts whichever attempt it is of, a failure when it is of the latest.
      if (isOpen && offset > action.since && how.completedOn?.(event.type) === true) {
        const data = { id: instance.id, step };
        if (action === act) moves.push(say({ name: 'step.completed', data: { ...data, event: keep(event) } }));
        else moves.push(say({ name: 'step.compensated', data }));
      } else if (action.state === 'sent' && offset > action.after && how.failedOn(event.type) && !isLate(action)) {
        const failure: Failure = { reason: 'failed', event: keep(event) };
        moves.push(failed(instance, step, action === undo, how, action.attempt, failure, now));
      }
    }
  }
  return moves;
}

/** What it means for an instance that a time is over. */
export function overdue(plan: Plan, instance: Instance, due: SagaFacts['due'], now: number): Move[] {
  const { step, undo, attempt, wait } = due;
  const record = instance.steps.get(step);
  const planned = plan.steps.get(step);
  const action = undo ? record?.undo : record?.act;
  const how = undo ? planned?.undo : planned?.act;
  if (action === undefined || how === undefined || action.attempt !== attempt) return [];
  if (action.state !== (wait ? 'waiting' : 'sent')) return [];
  return wait
    ? [{ move: 'send', step, undo }]
    : [failed(instance, step, undo, how, attempt, { reason: 'timeout' }, now)];
}

/** What an attempt that failed leads to: another one later, or none. */
export function failed(
  { id, steps }: Instance,
  step: string,
  undo: boolean,
  { retry }: PlannedAction,
  attempt: number,
  failure: Failure,
  now: number,
): Move {
  const record = steps.get(step);
  const { spent = 0 } = (undo ? record?.undo : record?.act) ?? {};
  const delayMs = failure.reason === 'abandoned' ? undefined : delayAfter(retry, attempt - spent);
  const again = delayMs === undefined ? undefined : { retryAt: Math.ceil(now + delayMs) };
  return say({ name: 'step.failed', data: { id, step, undo, attempt, ...failure, ...again } });
}

/** What an instance needs next by itself; nothing while it waits for answers or times. */
export function next(plan: Plan, instance: Instance, now: number): Move[] {
  if (instance.state === 'running') return forward(plan, instance, now);
  return instance.state === 'compensating' ? back(plan, instance) : [];
}

function forward(plan: Plan, instance: Instance, now: number): Move[] {
  const { id } = instance;
  for (const stage of plan.stages) {
    const steps = stage.flatMap((planned) => {
      const record = instance.steps.get(planned.name);
      return record === undefined ? [] : [{ name: planned.name, planned, act: record.act }];
    });
    if (steps.every(({ act }) => act.state === 'done')) continue;
    const lost = steps.filter(({ act }) => act.state === 'lost').sort((a, b) => a.act.at - b.act.at);
    // What was abandoned was so for another.
    const first = lost.find(({ act }) => act.failure?.reason !== 'abandoned') ?? lost[0];
    if (first === undefined) {
      const idle = steps.filter(({ act }) => act.state === 'idle');
      return idle.map(({ name }) => ({ move: 'send', step: name, undo: false }));
    }
    const given = steps.filter(({ act }) => act.state === 'waiting');
    if (given.length > 0) {
      return given.map(({ name, planned, act }) =>
        failed(instance, name, false, planned.act, act.attempt, { reason: 'abandoned' }, now),
      );
    }
    // One that was not sent, as a crash came before, is not any more.
    if (steps.some(({ act }) => act.state === 'sent')) return [];
    return [say({ name: 'compensating', data: { id, step: first.name } })];
  }
  return [{ move: 'end', as: 'completed' }];
}

function back(plan: Plan, instance: Instance): Move[] {
  const { id } = instance;
  const toUndo = instance.toUndo.flatMap(([step, { undo }]) => {
    const how = plan.steps.get(step)?.undo;
    return how === undefined ? [] : [{ step, undo, how }];
  });
  // One that was begun comes first, as a step may have been completed meanwhile.
  const one = toUndo.find(({ undo }) => undo.state !== 'idle') ?? toUndo[0];
  if (one === undefined) return [{ move: 'end', as: 'failed' }];
  const { step, undo, how } = one;
  if (undo.state === 'idle') return [{ move: 'send', step, undo: true }];
  if (undo.state === 'lost') return [say({ name: 'stuck', data: { id, step } })];
  const isDone = undo.state === 'sent' && how.completedOn === undefined;
  return isDone ? [say({ name: 'step.compensated', data: { id, step } })] : [];
}
