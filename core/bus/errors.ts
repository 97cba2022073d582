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
    super(
      'BUS_CLOSED',
      `${operation} needs an open bus, and this one is closed`,
      'Create a new bus, or close this one later',
    );
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

/** An event for which a queue had no room (Q1, Q2). */
export class QueueFullError extends CrosstownError {
  override readonly name = 'QueueFullError';
  readonly type: string;
  /** How many events the queue holds. */
  readonly limit: number;

  constructor(type: string, limit: number, queue = 'the queue of the bus') {
    super(
      'QUEUE_FULL',
      `There is no room for "${type}": ${limit} events wait in ${queue}`,
      'Emit less at a time, allow a larger queue, or choose what to drop with the overflow option',
    );
    this.type = type;
    this.limit = limit;
  }
}

/** An event at the end of a chain of events that emit one another without an end. */
export class DepthLimitError extends CrosstownError {
  override readonly name = 'DepthLimitError';
  /** The last types of the chain, the refused one included. */
  readonly chain: readonly string[];

  constructor(limit: number, chain: readonly string[]) {
    super(
      'DEPTH_LIMIT',
      `"${chain.at(-1)}" would be event ${limit + 1} of a chain: … → ${chain.join(' → ')}`,
      'Look for handlers that emit one another, or allow more with queue.maxDepth',
    );
    this.chain = chain;
  }
}

/** A handler that took longer than its `timeoutMs` (F2). */
export class HandlerTimeoutError extends CrosstownError {
  override readonly name = 'HandlerTimeoutError';
  readonly timeoutMs: number;

  constructor(handler: string, type: string, timeoutMs: number) {
    super(
      'HANDLER_TIMEOUT',
      `The handler "${handler}" of "${type}" took longer than ${timeoutMs} ms`,
      'Heed delivery.signal in it, or give it more time',
    );
    this.timeoutMs = timeoutMs;
  }
}

/** A dead letter that cannot be tried again (F3). */
export class DeadLetterError extends CrosstownError {
  override readonly name = 'DeadLetterError';
  readonly id: string;

  constructor(id: string, why: string) {
    super('DEAD_LETTER', `The dead letter ${quote(id)} ${why}`, 'Look at deadLetters.list(), and subscribe first');
    this.id = id;
  }
}

/** A `waitFor` whose event did not come in time. */
export class WaitTimeoutError extends CrosstownError {
  override readonly name = 'WaitTimeoutError';
  readonly timeoutMs: number;

  constructor(pattern: string, timeoutMs: number) {
    super(
      'WAIT_TIMEOUT',
      `No event matched "${pattern}" within ${timeoutMs} ms`,
      'Start to wait before the event is emitted, or wait longer',
    );
    this.timeoutMs = timeoutMs;
  }
}

/** A `waitFor` that somebody else ended with `off`. */
export class UnsubscribedError extends CrosstownError {
  override readonly name = 'UnsubscribedError';

  constructor(pattern: string) {
    super(
      'UNSUBSCRIBED',
      `The wait for "${pattern}" was ended by off`,
      'Unsubscribe by the handles that on returns, or give off the handler that is meant',
    );
  }
}

/** A request that nobody could have answered, or whose event went no further (R2). */
export class NoResponderError extends CrosstownError {
  override readonly name = 'NoResponderError';
  readonly type: string;

  constructor(type: string, why: string) {
    super('NO_RESPONDER', `The request "${type}" has no answer: ${why}`, 'Call respond for it before it is requested');
    this.type = type;
  }
}

/** A request whose answer did not come in time (R2). */
export class RequestTimeoutError extends CrosstownError {
  override readonly name = 'RequestTimeoutError';
  readonly type: string;
  readonly timeoutMs: number;

  constructor(type: string, timeoutMs: number) {
    super(
      'REQUEST_TIMEOUT',
      `The request "${type}" was not answered within ${timeoutMs} ms`,
      'See that its responder runs on a node this one reaches, or wait longer',
    );
    this.type = type;
    this.timeoutMs = timeoutMs;
  }
}

/** What a responder threw, as its requester gets it: name and message of the error, no stack from another node (R3). */
export class ResponderError extends CrosstownError {
  override readonly name = 'ResponderError';
  readonly type: string;
  /** `name` of the error that the responder threw. */
  readonly errorName: string;
  /** Its `message`. */
  readonly errorMessage: string;

  constructor(type: string, errorName: string, errorMessage: string, cause?: unknown) {
    super(
      'RESPONDER_FAILED',
      `The responder of "${type}" failed with ${errorName}: ${errorMessage}`,
      'See errorName and errorMessage',
      cause,
    );
    this.type = type;
    this.errorName = errorName;
    this.errorMessage = errorMessage;
  }
}

/** A middleware that broke the rules of `next`. */
export class MiddlewareError extends CrosstownError {
  override readonly name = 'MiddlewareError';

  constructor(middleware: string, fact: string) {
    super(
      'MIDDLEWARE',
      `The middleware "${middleware}" ${fact}`,
      'Call next once, before it returns or its promise settles',
    );
  }
}

/** One thing a schema found wrong, as Standard Schema states it. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** Data that the schema of its type refuses (G5). */
export class SchemaError extends CrosstownError {
  override readonly name = 'SchemaError';
  readonly type: string;
  readonly issues: readonly SchemaIssue[];

  constructor(type: string, issues: readonly SchemaIssue[]) {
    super(
      'INVALID_DATA',
      `The data of "${type}" is not valid: ${issueLines(issues)}`,
      'Emit data that its schema takes',
    );
    this.type = type;
    this.issues = issues;
  }
}

/** The first of them, as a list that another node sends may be wrong a hundred thousand times. */
function issueLines(issues: readonly SchemaIssue[]): string {
  const lines: string[] = [];
  for (const issue of issues) {
    if (lines.length === 10) return `${lines.join('; ')}; and ${issues.length - 10} more`;
    lines.push(issueLine(issue).slice(0, 500));
  }
  return lines.join('; ');
}

function issueLine({ message, path = [] }: SchemaIssue): string {
  // Not path.map: arktype's paths are arrays of a class whose map adds an element to an empty one.
  const keys = Array.from(path, (step) => String(typeof step === 'object' ? step.key : step));
  return [['data', ...keys].join('.'), message.replace(/\.$/, '')].join(': ');
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

/** Events that a store let go of before a durable subscription had handled them (S5, S6). */
export class EventsTrimmedError extends CrosstownError {
  override readonly name = 'EventsTrimmedError';
  /** Name of the durable subscription. */
  readonly durable: string;
  /** Offsets: nothing behind the first and up to the second is there any more. */
  readonly after: number;
  readonly through: number;

  constructor(durable: string, after: number, through: number) {
    super(
      'EVENTS_TRIMMED',
      `"${durable}" has missed events: the store let go of what it had behind offset ${after} and up to ${through}`,
      'Keep events longer with the retention of the store, or subscribe more often',
    );
    this.durable = durable;
    this.after = after;
    this.through = through;
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

/** A record that a codec could not change, or change back. It says nothing of keys or content. */
export class CodecError extends CrosstownError {
  override readonly name = 'CodecError';
  readonly codec: string;
  readonly type: string;

  constructor(codec: string, type: string, problem: string, remedy: string, cause?: unknown) {
    super('CODEC_FAILED', `The codec "${codec}" refuses a record of "${type}": it ${problem}`, remedy, cause);
    this.codec = codec;
    this.type = type;
  }
}

/** What a call does, for a sentence. */
const verbs: Readonly<Record<string, string>> = { on: 'subscribe to', respond: 'answer', use: 'intercept' };

/** The verb for a call of the bus, as `subscribe to` for `on`. */
export function verbOf(operation: string): string {
  return verbs[operation] ?? operation;
}

/** Something that a plugin or scope may not do (G2, G3, G4). */
export class PermissionError extends CrosstownError {
  override readonly name = 'PermissionError';
  /** The plugin or scope. */
  readonly source: string;
  /** The call it made. */
  readonly operation: string;
  /** The type or pattern it gave. */
  readonly pattern: string;
  /** Why, in a sentence without its stop. */
  readonly reason: string;
  /** The grant it would take, where the pattern is protected. */
  readonly grant: string | undefined;

  constructor(source: string, operation: string, pattern: string, why: string, remedy: string, grant?: string) {
    super('PERMISSION_DENIED', `"${source}" may not ${verbOf(operation)} ${quote(pattern)}: ${why}`, remedy);
    this.source = source;
    this.operation = operation;
    this.pattern = pattern;
    this.reason = why;
    this.grant = grant;
  }
}

/** A plugin that could not be installed, replaced or uninstalled, or failed while it was; `cause` is its own error. */
export class PluginError extends CrosstownError {
  override readonly name = 'PluginError';
  readonly plugin: string;

  constructor(plugin: string, fact: string, remedy: string, cause?: unknown) {
    super('PLUGIN', `The plugin "${plugin}" ${fact}${because(cause)}`, remedy, cause);
    this.plugin = plugin;
  }
}

/** A call through the scope of a plugin that is gone. */
export class ScopeClosedError extends CrosstownError {
  override readonly name = 'ScopeClosedError';
  readonly source: string;

  constructor(source: string, operation: string) {
    super(
      'SCOPE_CLOSED',
      `${operation} needs the scope "${source}", and it is closed`,
      'Stop when scope.signal aborts',
    );
    this.source = source;
  }
}

/** Name and message of anything that was thrown. */
export function describeError(error: unknown): { readonly name: string; readonly message: string } {
  try {
    if (error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)) {
      const { name, message } = error as { name?: unknown; message: unknown };
      return { name: typeof name === 'string' ? name : 'Error', message: String(message) };
    }
    return { name: 'Error', message: String(error) };
  } catch {
    return { name: 'Error', message: 'an error that cannot be read' };
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
