import { type AnyEvents, type BusEvent, compilePattern, InvalidOptionError } from '../../index.js';
import type { SagaCommand, SagaContext, SagaDefinition, SagaRetry, SagaStep } from './definition.js';

type Make = (context: SagaContext<AnyEvents>) => SagaCommand<AnyEvents>;
type Matches = (type: string) => boolean;

/** What is sent, and what is waited for: a step's own command, or its compensation. */
export interface PlannedAction {
  readonly send: Make;
  /** Undefined where to send it is all there is to it. */
  readonly completedOn: Matches | undefined;
  readonly failedOn: Matches;
  readonly timeoutMs: number;
  readonly retry: SagaRetry | undefined;
}

export interface PlannedStep {
  readonly name: string;
  readonly act: PlannedAction;
  readonly undo: PlannedAction | undefined;
}

/** A definition that was checked, in the form a run works with. */
export interface Plan {
  readonly name: string;
  /** What types of its facts begin with. */
  readonly prefix: string;
  readonly startOn: Matches;
  readonly id: (event: BusEvent) => string | undefined;
  readonly stages: readonly (readonly PlannedStep[])[];
  readonly steps: ReadonlyMap<string, PlannedStep>;
  readonly ends: { readonly completed: Make | undefined; readonly failed: Make | undefined };
  readonly emits: readonly string[];
  /** Patterns of the events of others that matter to it. */
  readonly hears: readonly string[];
  readonly maxFinished: number;
}

type Patterns = string | readonly string[];

/** @throws InvalidOptionError, InvalidPatternError */
export function planOf(definition: SagaDefinition<AnyEvents, string>): Plan {
  const { name, startOn, id, steps, completed, failed, emits, maxFinished = 1000 } = definition;
  assertName('name', name);
  const hears = new Set<string>();
  const matcher = (patterns: Patterns | undefined): Matches => {
    const list = patterns === undefined ? [] : typeof patterns === 'string' ? [patterns] : patterns;
    for (const pattern of list) hears.add(pattern);
    return compilePattern(list);
  };
  assertFunction('id', id);
  assertFunction('completed', completed);
  assertFunction('failed', failed);
  assertNumber('maxFinished', maxFinished, 0);
  const starts = matcher(startOn);
  const named = new Map<string, PlannedStep>();
  const planned = (step: SagaStep<AnyEvents>): PlannedStep => {
    const one = stepOf(step, matcher);
    if (named.has(one.name)) throw new InvalidOptionError('steps', one.name, 'steps with different names');
    named.set(one.name, one);
    return one;
  };
  if (!Array.isArray(steps) || steps.length === 0) throw new InvalidOptionError('steps', steps, 'a list of steps');
  const stages = steps.map((stage: SagaStep<AnyEvents> | readonly SagaStep<AnyEvents>[]) =>
    (Array.isArray(stage) ? stage : [stage]).map(planned),
  );
  return {
    name,
    prefix: `saga.${name}.`,
    startOn: starts,
    id: (id as Plan['id'] | undefined) ?? (({ correlationId }) => correlationId),
    stages,
    steps: named,
    ends: { completed, failed },
    emits: emits === undefined ? ['**'] : typeof emits === 'string' ? [emits] : emits,
    hears: [...hears],
    maxFinished,
  };
}

function stepOf(step: SagaStep<AnyEvents>, matcher: (patterns: Patterns | undefined) => Matches): PlannedStep {
  const { name, send, completedOn, failedOn, timeoutMs, retry } = step;
  const { compensate, compensatedOn, compensationFailedOn, compensationTimeoutMs, compensationRetry } = step;
  assertName('step.name', name);
  if (typeof send !== 'function') throw new InvalidOptionError('step.send', send, 'a function');
  if (completedOn === undefined) throw new InvalidOptionError('step.completedOn', completedOn, 'a type or pattern');
  assertFunction('step.compensate', compensate);
  assertTimes('step', timeoutMs, retry);
  assertTimes('step.compensation', compensationTimeoutMs, compensationRetry);
  const act = {
    send,
    completedOn: matcher(completedOn),
    failedOn: matcher(failedOn),
    timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
    retry,
  };
  const undo = compensate && {
    send: compensate,
    completedOn: compensatedOn === undefined ? undefined : matcher(compensatedOn),
    failedOn: matcher(compensationFailedOn),
    timeoutMs: compensationTimeoutMs ?? Number.POSITIVE_INFINITY,
    retry: compensationRetry,
  };
  return { name, act, undo };
}

/** How long to wait after failed attempt number `attempt`; undefined when there is to be no other. */
export function delayAfter(retry: SagaRetry | undefined, attempt: number): number | undefined {
  if (retry === undefined || attempt >= retry.attempts) return undefined;
  const { delayMs = 100, factor = 2, maxDelayMs = 30_000, jitter = 0.5 } = retry;
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
  return Math.min(delayMs * growth, maxDelayMs) * (1 - jitter * Math.random());
}

/** It is a segment of types and a part of keys. */
function assertName(option: string, name: unknown): void {
  if (typeof name !== 'string' || !/^[^\s.:*$]{1,100}$/.test(name)) {
    throw new InvalidOptionError(option, name, 'a text of 1 to 100 characters without dots, colons, "*", "$" or space');
  }
}

function assertFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw new InvalidOptionError(option, value, 'a function');
}

function assertNumber(option: string, value: unknown, least: number): void {
  if (value !== undefined && !(typeof value === 'number' && value >= least)) {
    throw new InvalidOptionError(option, value, `a number, ${least} or more`);
  }
}

function assertTimes(option: string, timeoutMs: unknown, retry: SagaRetry | undefined): void {
  assertNumber(`${option} timeoutMs`, timeoutMs, 0);
  if (retry === undefined) return;
  if (!(retry.attempts >= 1)) throw new InvalidOptionError(`${option} retry.attempts`, retry.attempts, '1 or more');
  assertNumber(`${option} retry.delayMs`, retry.delayMs, 0);
  assertNumber(`${option} retry.factor`, retry.factor, 1);
  assertNumber(`${option} retry.maxDelayMs`, retry.maxDelayMs, 0);
  if (!((retry.jitter ?? 0) >= 0 && (retry.jitter ?? 0) <= 1)) {
    throw new InvalidOptionError(`${option} retry.jitter`, retry.jitter, 'a number from 0 to 1');
  }
}
