import type { DataOf, EventMap, EventOf, EventType, Pattern, RetryOptions } from '../../index.js';
import type { KeptEvent, SagaFailureReason } from './facts.js';

/** An event that a saga emits. */
export type SagaCommand<M> = {
  [K in EventType<M>]: undefined extends DataOf<M[K]>
    ? { readonly type: K; readonly data?: DataOf<M[K]> }
    : { readonly type: K; readonly data: DataOf<M[K]> };
}[EventType<M>];

/** What a saga knows when it makes a command. */
export interface SagaContext<M extends EventMap<M>, S extends string = '**'> {
  readonly id: string;
  /** The event it began with. */
  readonly start: KeptEvent<EventOf<M, S>>;
  /** By step, the event that completed it. */
  readonly results: Readonly<Record<string, KeptEvent<EventOf<M, '**'>> | undefined>>;
  /** The step that failed for good, once one has. */
  readonly failure: SagaFailure<M> | undefined;
  /** Data of the event of that type that completed a step. @throws CrosstownError when there is none */
  resultOf<K extends EventType<M>>(type: K): DataOf<M[K]>;
}

/** What a saga went back for. */
export interface SagaFailure<M extends EventMap<M>> {
  readonly step: string;
  readonly reason: SagaFailureReason;
  /** The event that said so, where one did. */
  readonly event: KeptEvent<EventOf<M, '**'>> | undefined;
}

/** How often a command is sent, and when again; as for handlers (F1). */
export type SagaRetry = Omit<RetryOptions, 'retryIf'>;

/** Types or patterns of events. */
export type SagaPatterns<M> = Pattern<M> | readonly Pattern<M>[];

/** One step of a saga: a command, and the events that say what became of it. */
export interface SagaStep<M extends EventMap<M>, S extends string = '**'> {
  /** Unlike that of any other step; stands in facts and keys, so it stays when the code changes. */
  readonly name: string;
  /** Makes the command, at once; what it throws fails the attempt, and so does a veto of the command. */
  readonly send: (context: SagaContext<M, S>) => SagaCommand<M>;
  readonly completedOn: SagaPatterns<M>;
  readonly failedOn?: SagaPatterns<M>;
  /** An attempt without an answer for so long has failed; no limit by default. */
  readonly timeoutMs?: number;
  /** Sends again what failed, or was not answered in time; once only by default. */
  readonly retry?: SagaRetry;
  /** Makes the command that takes back what the step did. */
  readonly compensate?: (context: SagaContext<M, S>) => SagaCommand<M>;
  /** What says that it is taken back; by default that is so when the command is sent. */
  readonly compensatedOn?: SagaPatterns<M>;
  readonly compensationFailedOn?: SagaPatterns<M>;
  readonly compensationTimeoutMs?: number;
  readonly compensationRetry?: SagaRetry;
}

/** A saga that begins with events of the type, or pattern, `S`. */
export interface SagaDefinition<M extends EventMap<M>, S extends string> {
  /** One segment of a type, unlike that of any other saga. */
  readonly name: string;
  /** Which events begin an instance. */
  readonly startOn: S;
  /**
   * Which instance an event belongs to; its `correlationId` by default, undefined where it is none's. An event it throws
   * for leaves a dead letter.
   */
  readonly id?: (event: EventOf<M, '**'>) => string | undefined;
  /** One after the other; those of a list in the list run side by side. */
  readonly steps: readonly (SagaStep<M, S> | readonly SagaStep<M, S>[])[];
  /** Makes an event that says that all steps are completed; what it throws leaves a dead letter, to be retried. */
  readonly completed?: (context: SagaContext<M, S>) => SagaCommand<M>;
  /** Makes an event that says that it failed, when all is taken back; what it throws, likewise. */
  readonly failed?: (context: SagaContext<M, S>) => SagaCommand<M>;
  /** Patterns of its commands: it may emit no others. Everything by default. */
  readonly emits?: SagaPatterns<M>;
  /** How many instances that are over are remembered; 1,000 by default. */
  readonly maxFinished?: number;
}

/** {@link SagaDefinition} for each type that a map has, so that its `start` is typed by `startOn`. */
export type SagaOptions<M extends EventMap<M>> =
  | { [K in EventType<M>]: SagaDefinition<M, K> }[EventType<M>]
  | SagaDefinition<M, `${string}*${string}`>;
