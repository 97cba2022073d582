/** What every error of the bus carries beside its message: a code that never changes, and the fields that say what it is about. */
export class CrosstownError extends Error {
  override readonly name: string = 'CrosstownError';
  /** Stable, upper-case, unique to the class; compare this, not the message. */
  readonly code: string;

  constructor(code: string, fact: string, remedy: string, cause?: unknown) {
    super(`[crosstown] ${fact}. ${remedy}.`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** An event type that breaks the rules of types (rule E5) or is reserved for the bus (E6). */
export class InvalidEventTypeError extends CrosstownError {
  override readonly name = 'InvalidEventTypeError';
  readonly type: unknown;

  constructor(type: unknown, why: string) {
    super(
      'INVALID_EVENT_TYPE',
      `${quote(type)} is not an event type: ${why}`,
      'Name it in segments joined by dots, like "user.created"',
    );
    this.type = type;
  }
}

/** A pattern that breaks the rules of patterns (P1, P2). */
export class InvalidPatternError extends CrosstownError {
  override readonly name = 'InvalidPatternError';
  readonly pattern: unknown;

  constructor(pattern: unknown, why: string) {
    super(
      'INVALID_PATTERN',
      `${quote(pattern)} is not a pattern: ${why}`,
      'Use whole segments: "user.created", "user.*" for one segment, "user.**" for any number',
    );
    this.pattern = pattern;
  }
}

/** An option or argument that the bus cannot use. */
export class InvalidOptionError extends CrosstownError {
  override readonly name = 'InvalidOptionError';
  readonly option: string;

  constructor(option: string, value: unknown, expected: string) {
    super('INVALID_OPTION', `${option} is ${quote(value)}`, `Give it ${expected}`);
    this.option = option;
  }
}

/** A call on a bus that was closed. */
export class BusClosedError extends CrosstownError {
  override readonly name = 'BusClosedError';

  constructor(operation: string) {
    super('BUS_CLOSED', `${operation} was called on a closed bus`, 'Create a new bus, or close this one later');
  }
}

/** A bus that was still at work when the time given to {@link EventBus.idle} was over. */
export class IdleTimeoutError extends CrosstownError {
  override readonly name = 'IdleTimeoutError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number, inFlight: number) {
    super(
      'IDLE_TIMEOUT',
      `The bus was not idle after ${timeoutMs} ms: ${inFlight} events are in flight`,
      'Look for a handler that never settles, or wait longer',
    );
    this.timeoutMs = timeoutMs;
  }
}

/** An event that a store or a transport cannot carry faithfully (T4). */
export class SerializationError extends CrosstownError {
  override readonly name = 'SerializationError';
  readonly type: string;
  /** Where in the event the value sits, like `data.items[3].price`. */
  readonly path: string;
  /** Position of the event among the records of the call that failed. */
  readonly index: number;

  constructor(type: string, path: string, problem: string, index = 0, cause?: unknown) {
    super(
      'NOT_SERIALIZABLE',
      `The event "${type}" cannot leave this node: ${path} is ${problem}`,
      'Send plain data, or emit it with { local: true }',
      cause,
    );
    this.type = type;
    this.path = path;
    this.index = index;
  }
}

/** A store that could not be opened, read or written; `cause` is the platform's own error. */
export class StoreError extends CrosstownError {
  override readonly name = 'StoreError';
  readonly store: string;
  readonly operation: string;

  constructor(store: string, operation: string, remedy: string, cause?: unknown) {
    super('STORE_FAILED', `The store "${store}" failed to ${operation}${because(cause)}`, remedy, cause);
    this.store = store;
    this.operation = operation;
  }
}

/** A transport that could not be opened or could not send; `cause` is the platform's own error. */
export class TransportError extends CrosstownError {
  override readonly name = 'TransportError';
  readonly transport: string;
  readonly operation: string;

  constructor(transport: string, operation: string, remedy: string, cause?: unknown) {
    super('TRANSPORT_FAILED', `The transport "${transport}" failed to ${operation}${because(cause)}`, remedy, cause);
    this.transport = transport;
    this.operation = operation;
  }
}

function because(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? ` (${cause.message.replace(/\.$/, '')})` : '';
}

function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
