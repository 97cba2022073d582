import { statusNames } from './model/status.js';

/** Version of the messages; one of another version is not understood. */
export const PROTOCOL_VERSION = 2;

/** Most rows of each sort in one message, and most characters of one text. */
export const MOST_ROWS = 2000;
export const LONGEST_TEXT = 512;

const realms = ['tab', 'worker', 'service worker', 'process'] as const;

/** A handler that is named in a batch: name, priority, patterns. Runs name it by its position. */
export type HandlerEntry = readonly [name: string, priority: number, patterns: readonly string[]];

/**
 * A call of a handler; times in ms, `start` since the epoch; `error` is empty when it did not fail; `attempt` counts the
 * calls of the handler for the event from 1, and is 0 for one that was never made.
 */
export type RunEntry = readonly [
  eventId: string,
  handler: number,
  start: number,
  durationMs: number,
  failed: 0 | 1,
  error: string,
  attempt: number,
];

/** A call that was told before, by its attempt, will be made again, so many ms after it ended. */
export type RetryEntry = readonly [eventId: string, handler: number, attempt: number, delayMs: number];

/** A handler has failed for good and left a dead letter; its last call was told before, unless there was none. */
export type LetterEntry = readonly [eventId: string, handler: number, at: number, error: string];

/** What became of an event on the node; the last three are empty for an event that was emitted on another one. */
export type OutcomeEntry = readonly [
  eventId: string,
  at: number,
  durationMs: number,
  status: number,
  delivered: number,
  failures: number,
  type: string,
  correlationId: string,
  causationId: string,
];

interface From {
  readonly v: typeof PROTOCOL_VERSION;
  /** Id of the node that speaks. */
  readonly node: string;
}

/** What a node tells those who watch. */
export interface Batch extends From {
  readonly kind: 'batch';
  readonly source: string;
  readonly realm: (typeof realms)[number];
  readonly handlers: readonly HandlerEntry[];
  readonly runs: readonly RunEntry[];
  readonly retries: readonly RetryEntry[];
  readonly letters: readonly LetterEntry[];
  readonly outcomes: readonly OutcomeEntry[];
  /** Rows left out because there were too many. */
  readonly lost: number;
}

/**
 * What panels and nodes say to each other. A node that comes says `hello`; an open panel says `watch` at once, to every
 * `hello`, and again every so often, until it says `unwatch`; while it is watched, a node sends batches.
 */
export type Message = (From & { readonly kind: 'hello' | 'watch' | 'unwatch' }) | Batch;

/** The message that a payload is, if it is one: anything can arrive on a channel that has a name. */
export function readMessage(payload: unknown): Message | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const message = payload as Record<keyof Batch, unknown>;
  if (message.v !== PROTOCOL_VERSION || !isText(message.node) || message.node === '') return undefined;
  switch (message.kind) {
    case 'hello':
    case 'watch':
    case 'unwatch':
      return payload as Message;
    case 'batch':
      return isBatch(message) ? (payload as Batch) : undefined;
    default:
      return undefined;
  }
}

function isBatch(batch: Record<keyof Batch, unknown>): boolean {
  const { source, realm, handlers, runs, retries, letters, outcomes, lost } = batch;
  return (
    isText(source) &&
    realms.some((name) => name === realm) &&
    isCount(lost) &&
    isList(handlers, isHandler) &&
    isList(runs, (run) => isRun(run, handlers.length)) &&
    isList(retries, (retry) => isRetry(retry, handlers.length)) &&
    isList(letters, (letter) => isLetter(letter, handlers.length)) &&
    isList(outcomes, isOutcome)
  );
}

function isHandler(row: unknown): boolean {
  if (!Array.isArray(row)) return false;
  const [name, priority, patterns] = row as unknown[];
  return isText(name) && Number.isFinite(priority) && isList(patterns, isText);
}

function isRun(row: unknown, handlers: number): boolean {
  if (!Array.isArray(row)) return false;
  const [eventId, handler, start, durationMs, failed, error, attempt] = row as unknown[];
  const isCall = isText(eventId) && isCount(handler) && handler < handlers && isCount(attempt);
  return isCall && isTime(start) && isTime(durationMs) && isFlag(failed) && isText(error);
}

function isRetry(row: unknown, handlers: number): boolean {
  if (!Array.isArray(row)) return false;
  const [eventId, handler, attempt, delayMs] = row as unknown[];
  return isText(eventId) && isCount(handler) && handler < handlers && isCount(attempt) && isTime(delayMs);
}

function isLetter(row: unknown, handlers: number): boolean {
  if (!Array.isArray(row)) return false;
  const [eventId, handler, at, error] = row as unknown[];
  return isText(eventId) && isCount(handler) && handler < handlers && isTime(at) && isText(error);
}

function isOutcome(row: unknown): boolean {
  if (!Array.isArray(row)) return false;
  const [eventId, at, durationMs, status, delivered, failures, ...origin] = row as unknown[];
  const isStatus = isCount(status) && status < statusNames.length;
  const isRest = isCount(delivered) && isCount(failures) && origin.length === 3 && origin.every(isText);
  return isText(eventId) && isTime(at) && isTime(durationMs) && isStatus && isRest;
}

function isList(value: unknown, isEntry: (entry: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MOST_ROWS && value.every(isEntry);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

function isFlag(value: unknown): boolean {
  return value === 0 || value === 1;
}
