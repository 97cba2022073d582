import type { Clock } from '../clock.js';
import { ASKED, type AskOptions, type EmitOptions } from '../dispatch/admit.js';
import { type Answer, type EmitResult, LiveEmission } from '../dispatch/delivery.js';
import type { Dispatcher } from '../dispatch/dispatch.js';
import { assertDuration } from '../dispatch/queue-limits.js';
import { BusClosedError, describeError, NoResponderError, RequestTimeoutError, ResponderError } from '../errors.js';
import type { Origin } from '../event/event.js';
import { type AbortGroup, assertSignal } from '../router/abort-group.js';

/** How a request is made. */
export interface RequestOptions extends EmitOptions {
  /** How long to wait for an answer; 30,000 by default, `Infinity` for ever. */
  readonly timeoutMs?: number | undefined;
  /** Stops waiting when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** What requests need of their bus. */
export interface RequestHost {
  readonly clock: Clock;
  readonly dispatcher: () => Dispatcher;
  readonly aborts: Pick<AbortGroup<PendingRequest>, 'add' | 'delete'>;
  /** Whether other nodes get events of this type. */
  readonly reaches: (type: string) => boolean;
}

/** Requests that wait for their answers. */
export class Requests {
  readonly #host: RequestHost;
  readonly #pending = new Set<PendingRequest>();
  /** Those that other nodes may answer, by id of their event. */
  readonly #remote = new Map<string, PendingRequest>();

  constructor(host: RequestHost) {
    this.#host = host;
  }

  /** `asker` keeps account of the requests of a scope that are pending. */
  request(
    origin: Origin,
    type: string,
    data: unknown,
    options: RequestOptions = {},
    parent?: LiveEmission,
    asker?: Set<PendingRequest>,
  ): Promise<unknown> {
    const { timeoutMs = 30_000, signal, ...emit } = options;
    assertDuration('timeoutMs', timeoutMs);
    assertSignal(signal);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const dispatcher = this.#host.dispatcher();
    const ask: AskOptions = { ...emit, request: ASKED };
    const emission = dispatcher.emit(origin, type, data, ask, parent);
    return new Promise((resolve, reject) => {
      const pending = new PendingRequest(type, resolve, reject);
      const mayTravel = options.local !== true && this.#host.reaches(type);
      if (emission instanceof LiveEmission) emission.ask((answer) => pending.answer(answer));
      // A handler that has run by now may have aborted the request, or closed the bus.
      if (signal?.aborted === true) pending.fail(signal.reason);
      if (dispatcher.closed) pending.fail(new BusClosedError('request'));
      if (pending.settled) return;
      this.#watch(pending, timeoutMs, signal, mayTravel ? emission.event.id : undefined, asker);
      emission.then((result) => {
        const stayed = !mayTravel || result.status === 'vetoed' || result.status === 'dropped';
        if (stayed && !pending.settled) pending.fail(new NoResponderError(type, whyUnanswered(result)));
      });
    });
  }

  /** The type of a request that other nodes may answer; undefined when it is over, or another node's. */
  asked(id: string | undefined): string | undefined {
    return id === undefined ? undefined : this.#remote.get(id)?.type;
  }

  /** Takes an answer that came from another node; its request may be over, or another node's. */
  replied(id: string | undefined, answer: Answer): void {
    if (id !== undefined) this.#remote.get(id)?.answer(answer);
  }

  close(): void {
    for (const pending of this.#pending) pending.fail(new BusClosedError('request'));
  }

  #watch(
    pending: PendingRequest,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    id: string | undefined,
    asker: Set<PendingRequest> | undefined,
  ): void {
    const { clock } = this.#host;
    const timeOut = (): void => pending.fail(new RequestTimeoutError(pending.type, timeoutMs));
    const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : clock.setTimeout(timeOut, timeoutMs);
    this.#pending.add(pending);
    asker?.add(pending);
    if (id !== undefined) this.#remote.set(id, pending);
    if (signal !== undefined) this.#host.aborts.add(signal, pending);
    pending.over = () => {
      clock.clearTimeout(timer);
      this.#pending.delete(pending);
      asker?.delete(pending);
      if (id !== undefined) this.#remote.delete(id);
      if (signal !== undefined) this.#host.aborts.delete(signal, pending);
    };
  }
}

/** One request, until it is answered or given up. */
export class PendingRequest {
  readonly type: string;
  settled = false;
  /** Clears away what watches over it. */
  over: (() => void) | undefined = undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(type: string, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.type = type;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** False when it is over already. */
  answer(answer: Answer): boolean {
    if (!this.#end()) return false;
    if (answer.ok) this.#resolve(answer.value);
    else this.#reject(responderError(this.type, answer.error));
    return true;
  }

  fail(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  #end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.over?.();
    return true;
  }
}

function responderError(type: string, error: unknown): ResponderError {
  const { name, message } = describeError(error);
  return new ResponderError(type, name, message, isError(error) ? error : undefined);
}

function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    // A proxy may refuse to say what it is.
    return false;
  }
}

function whyUnanswered({ status, cancelledBy, vetoedBy, event }: EmitResult): string {
  if (status === 'cancelled') return `"${cancelledBy?.name ?? 'somebody'}" cancelled it`;
  if (status === 'vetoed') return `"${vetoedBy}" vetoed it`;
  if (status === 'expired') return `it was older than its ttlMs`;
  if (status === 'dropped') return 'it was dropped';
  return `nobody responds to "${event.type}"`;
}
