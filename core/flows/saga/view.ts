import type { SagaFailureReason } from './facts.js';
import type { Instance, SagaState, StepRecord } from './instance.js';

/** Where a step stands: `sent` waits for its answer, `waiting` for its next attempt; what is `failed` is so for good. */
export type SagaStepState =
  | 'pending'
  | 'sent'
  | 'waiting'
  | 'completed'
  | 'failed'
  | 'compensating'
  | 'compensated'
  | 'stuck';

/** A step of an instance, as it stands. */
export interface SagaStepInfo {
  readonly name: string;
  readonly state: SagaStepState;
  /** Attempts so far: of the compensation, when that was begun. */
  readonly attempts: number;
  /** When its state began, epoch ms; undefined while it is pending. */
  readonly at: number | undefined;
  /** Why its latest attempt that failed did, if one has. */
  readonly reason: SagaFailureReason | undefined;
  readonly error: { readonly name: string; readonly message: string } | undefined;
}

/** One instance of a saga, as it stands. */
export interface SagaInstance {
  readonly id: string;
  readonly state: SagaState;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Epoch ms; undefined until it is completed or failed. */
  readonly endedAt: number | undefined;
  /** The step it went back for. */
  readonly failedStep: string | undefined;
  readonly steps: readonly SagaStepInfo[];
}

/** What is shown of an instance. */
export function viewOf({ id, state, startedAt, endedAt, failedStep, steps }: Instance): SagaInstance {
  const infos = [...steps].map(([name, record]) => stepOf(name, record));
  return Object.freeze({ id, state, startedAt, endedAt, failedStep, steps: Object.freeze(infos) });
}

function stepOf(name: string, { act, undo }: StepRecord): SagaStepInfo {
  const isBack = undo.state !== 'idle';
  const { at, attempt, failure } = isBack ? undo : act;
  return Object.freeze({
    name,
    state: isBack ? backState[undo.state] : forwardState[act.state],
    attempts: attempt,
    at: at === 0 ? undefined : at,
    reason: failure?.reason,
    error: failure?.error,
  });
}

const forwardState = {
  idle: 'pending',
  sent: 'sent',
  waiting: 'waiting',
  done: 'completed',
  lost: 'failed',
} as const;

const backState = {
  idle: 'completed',
  sent: 'compensating',
  waiting: 'compensating',
  done: 'compensated',
  lost: 'stuck',
} as const;
