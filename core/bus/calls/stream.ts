import { Fifo } from '../dispatch/fifo.js';
import { assertCount, assertOverflow } from '../dispatch/queue-limits.js';
import { QueueFullError } from '../errors.js';
import type { BusEvent } from '../event/event.js';
import type { Overflow, SubscribeOptions, Subscription } from '../router/subscription.js';
import type { CallHost } from './call-host.js';

/** What a stream hands out, and what it keeps for a reader that is slower than the events. */
export interface StreamOptions<E = BusEvent> {
  /** Only events it returns true for are handed out. */
  readonly filter?: (event: E) => boolean;
  /** Events that may wait to be read; 1,000 by default. */
  readonly buffer?: number;
  /**
   * What becomes of an event when `buffer` are waiting: room is made for it at the cost of the oldest (`dropOldest`, the
   * default) or it goes itself (`dropNewest`); `reject` ends the stream with a `QueueFullError` after those that wait.
   */
  readonly overflow?: Overflow;
  /** Ends the stream with the signal's reason when it aborts; what waits is not handed out any more. */
  readonly signal?: AbortSignal;
}

type Result = IteratorResult<BusEvent, unknown>;

interface Reader {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * The events that match from this call on, one after the other (R7).
 *
 * @throws InvalidPatternError, InvalidOptionError, BusClosedError
 */
export function stream(
  host: CallHost,
  pattern: string | readonly string[],
  options: StreamOptions = {},
): AsyncIterableIterator<BusEvent> {
  const { filter, buffer = 1_000, overflow = 'dropOldest', signal } = options;
  assertCount('buffer', buffer, 1);
  assertOverflow('overflow', overflow);
  const closed = host.closed('stream');
  if (closed !== undefined) throw closed;
  return new EventStream(host, pattern, { name: 'stream', filter, signal } as SubscribeOptions, buffer, overflow);
}

/** Either events wait for a reader, or readers for an event; never both. */
class EventStream implements AsyncIterableIterator<BusEvent> {
  static {
    // Absent in engines without explicit resource management, where `await using` cannot be written either.
    if (Symbol.asyncDispose !== undefined) {
      Object.defineProperty(EventStream.prototype, Symbol.asyncDispose, { value: EventStream.prototype.return });
    }
  }

  readonly #events = new Fifo<BusEvent>();
  readonly #readers = new Fifo<Reader>();
  readonly #signal: AbortSignal | undefined;
  readonly #subscription: Subscription | undefined;
  #over = false;
  /** What the first reader after the end is told. */
  #failure: { readonly error: unknown } | undefined;

  constructor(
    host: CallHost,
    pattern: string | readonly string[],
    options: SubscribeOptions,
    buffer: number,
    overflow: Overflow,
  ) {
    this.#signal = options.signal;
    const take = (event: BusEvent): void => {
      const reader = this.#readers.shift();
      if (reader !== undefined) reader.resolve({ done: false, value: event });
      else if (this.#events.size < buffer) this.#events.push(event);
      else {
        let lost: BusEvent | undefined = event;
        if (overflow === 'dropOldest') {
          lost = this.#events.shift();
          this.#events.push(event);
        } else if (overflow === 'reject') {
          this.#end({ error: new QueueFullError(event.type, buffer, 'the buffer of a stream') });
        }
        host.dropped(lost as BusEvent);
      }
    };
    this.#subscription = host.on(pattern, take, { ...options, ended: () => this.#end() });
    // An observer that is told of the subscription may have filled it before it is at hand.
    if (this.#over) this.#subscription();
    else if (!this.#subscription.active) this.#end();
  }

  next(): Promise<Result> {
    // The bus hears of an abort no more once the stream has ended; what waits is not to be handed out even then.
    if (this.#events.size > 0) this.#heedSignal();
    const value = this.#events.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    return new Promise((resolve, reject) => {
      const reader: Reader = { resolve, reject };
      if (this.#over) this.#dismiss(reader);
      else this.#readers.push(reader);
    });
  }

  async return(value?: unknown): Promise<Result> {
    this.#drop();
    return { done: true, value: await value };
  }

  async throw(error?: unknown): Promise<Result> {
    this.#drop();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #drop(): void {
    this.#end();
    this.#events.clear();
    this.#failure = undefined;
  }

  #end(failure?: { readonly error: unknown }): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#heedSignal();
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift()) {
      this.#dismiss(reader);
    }
    this.#subscription?.();
  }

  #heedSignal(): void {
    if (this.#signal?.aborted !== true) return;
    this.#events.clear();
    this.#failure = { error: this.#signal.reason };
  }

  #dismiss(reader: Reader): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) reader.resolve({ done: true, value: undefined });
    else reader.reject(failure.error);
  }
}
