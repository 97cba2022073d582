import type { BusEvent, EmitResult, EventFailure } from '../../index.js';

/** How much a line of the log matters: `error` has failures, `warn` is an event that was not delivered. */
export type LogLevel = 'info' | 'warn' | 'error';

/** What a line of the log is made of. */
export interface LogEntry {
  readonly level: LogLevel;
  /** As its handlers got it. */
  readonly event: BusEvent;
  readonly status: EmitResult['status'];
  /** Handlers that were called. */
  readonly delivered: number;
  readonly failures: readonly EventFailure[];
  /** Name of the handler that cancelled, or of the middleware that vetoed. */
  readonly stoppedBy: string | undefined;
  /** From when the event came to the logger until its last handler had settled. */
  readonly durationMs: number;
}
