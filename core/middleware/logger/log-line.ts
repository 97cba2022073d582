import type { EventFailure } from '../../index.js';
import type { LogEntry } from './log-entry.js';

/** An entry as text: time, type and status, then `name=value` for each thing there is to say. */
export function logLine(entry: LogEntry, withData: boolean): string {
  const { event, status, delivered, failures, stoppedBy, durationMs } = entry;
  const fields = {
    by: stoppedBy,
    source: event.source,
    id: event.id,
    correlation: event.correlationId,
    causation: event.causationId,
    handlers: String(delivered),
    ms: durationMs.toFixed(1),
    failures: failures.length === 0 ? undefined : failures.map(failureText).join(', '),
  };
  const said = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${word(value)}`));
  if (withData) said.push(`data=${json(event.data)}`);
  return [isoTime(event.timestamp), event.type, status, ...said].join(' ');
}

/** A value as it is where it cannot be misread, else as JSON: a source or an error may hold line breaks and spaces. */
function word(value: string): string {
  return /^[\w.:@/+-]+$/.test(value) ? value : json(value);
}

/** One line, whatever it holds: the control characters that JSON leaves are escaped too, as terminals obey them. */
function json(value: unknown): string {
  return stringified(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function stringified(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch (error) {
    return JSON.stringify(`unreadable, ${errorText(error)}`);
  }
}

/** Milliseconds since the Unix epoch as ISO 8601, or as they are where that cannot say it. */
function isoTime(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
}

function failureText(failure: EventFailure): string {
  const who = 'handler' in failure ? failure.handler.name : failure.by;
  return `${who}: ${errorText(failure.error)}`;
}

/** Anything may be thrown, and its text may be another mistake. */
function errorText(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error without text';
  }
}
