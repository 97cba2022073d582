import {
  type Clock,
  compilePattern,
  type EmitResult,
  InvalidOptionError,
  type Middleware,
  systemClock,
} from '../index.js';
import type { LogEntry, LogLevel } from './logger/log-entry.js';
import { logLine } from './logger/log-line.js';

export type { LogEntry, LogLevel } from './logger/log-entry.js';

/** What {@link logger} writes, and where. */
export interface LoggerOptions {
  /**
   * Takes each line, which never holds a line break; `console.info`, `console.warn` or `console.error` by default. What
   * it throws or rejects with is a failure of the middleware, not of the event.
   */
  readonly write?: (line: string) => unknown;
  /** Patterns of the events that are logged; all by default. */
  readonly pattern?: string | readonly string[];
  /** The least that is logged; `info`, which is everything, by default. */
  readonly level?: LogLevel;
  /** True adds the data of events as JSON. Not by default, as it may hold what nobody should read in a log. */
  readonly data?: boolean;
  /** Makes the line of an entry; without it, fields as `name=value`, parted by spaces. */
  readonly format?: (entry: LogEntry) => string;
  /** Where durations are read; the platform's clock by default. */
  readonly clock?: Clock;
}

const levels: readonly LogLevel[] = ['info', 'warn', 'error'];

/**
 * A middleware that writes a line for each event when its handlers have settled: when it was emitted, type, status,
 * source, all ids in full, how many handlers were called, how long they took, and which failed. Handlers start as early
 * as without it.
 *
 * It sees what comes to it: give it a high priority to see what other middleware veto.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * bus.use(logger({ pattern: 'order.**' }), { priority: 1_000 });
 * bus.emit('order.placed', { id: '7' });
 * // 2026-01-01T12:00:00.000Z order.placed delivered source=app id=019b… correlation=019b… handlers=2 ms=1.4
 */
export function logger(options: LoggerOptions = {}): Middleware {
  const { write, pattern = '**', level = 'info', data = false, clock = systemClock } = options;
  const { format = (entry) => logLine(entry, data) } = options;
  if (!levels.includes(level)) throw new InvalidOptionError('level', level, '"info", "warn" or "error"');
  for (const [name, value] of Object.entries({ write, format })) {
    if (value !== undefined && typeof value !== 'function') throw new InvalidOptionError(name, value, 'a function');
  }
  const isLogged = compilePattern(pattern);
  return function logger(event, next) {
    if (!isLogged(event.type)) return next();
    const startedAt = clock.precise();
    // Handlers have started when `next` returns: this promise delays none, and if it rejects the bus reports that.
    return next().then((result) => {
      const entry = entryOf(result, clock.precise() - startedAt);
      if (levels.indexOf(entry.level) < levels.indexOf(level)) return undefined;
      const line = format(entry);
      return write === undefined ? console[entry.level](line) : write(line);
    });
  };
}

function entryOf(
  { event, status, delivered, failures, cancelledBy, vetoedBy }: EmitResult,
  durationMs: number,
): LogEntry {
  const level = failures.length > 0 ? 'error' : status === 'delivered' ? 'info' : 'warn';
  return { level, event, status, delivered, failures, stoppedBy: cancelledBy?.name ?? vetoedBy, durationMs };
}
