import { type Clock, type EventScope, QueueFullError } from '../../index.js';
import { ScopeFailures } from '../failures/scope-failures.js';
import { Batch, isFinal } from './attempt.js';
import { type BatchError, BatcherClosedError } from './errors.js';
import { Flushes } from './flushes.js';
import { type BatchRules, delayAfter } from './options.js';
import { onPageEnd } from './page-end.js';
import { report } from './report.js';
import { WaitingLine } from './waiting-line.js';

/** What a batcher does, apart from its types. */
export class Batching {
  pending = 0;
  dropped = 0;
  readonly failures: ScopeFailures;
  readonly #bus: EventScope;
  readonly #clock: Clock;
  readonly #rules: BatchRules;
  readonly #waiting = new WaitingLine<unknown>();
  /** Batches that are under way or have to be emitted again, in order. */
  readonly #line: Batch[] = [];
  /** Items that have left the waiting line, of all that were ever added. */
  #left = 0;
  /** So many of these do not wait for others any more. */
  #due = 0;
  #underWay = 0;
  #timer: unknown;
  #pause: unknown;
  #isPaused = false;
  readonly #flushes = new Flushes();
  #roomTurn: Promise<void> = Promise.resolve();
  #roomCame: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  #draining: Promise<void> | undefined;
  #drained: (() => void) | undefined;
  #isClosed = false;
  /** Nothing can be emitted any more: whoever closed the bus did not wait for what is under way. */
  #isCutOff = false;

  /** @param clock its timers and failures are those of a scope */
  constructor(bus: EventScope, clock: Clock, rules: BatchRules) {
    this.#bus = bus;
    this.#clock = clock;
    this.#rules = rules;
    this.failures = new ScopeFailures(clock);
  }

  add(item: unknown): void {
    if (this.#isClosed) throw new BatcherClosedError(this.#rules.type);
    if (this.pending >= this.#rules.maxPending && !this.#makeRoom()) return;
    this.#stopWatching ??= onPageEnd(() => this.#emitAll());
    this.#waiting.push(item, this.#clock.precise());
    this.pending++;
    this.#next();
  }

  room(): Promise<void> {
    // One after the other: each has added before the next looks.
    const room = this.#roomTurn.then(() => this.#untilRoom());
    this.#roomTurn = room.catch(() => {});
    return room;
  }

  async #untilRoom(): Promise<void> {
    while (this.pending >= this.#rules.maxPending && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#roomCame = resolve;
      });
    }
    if (this.#isClosed) throw new BatcherClosedError(this.#rules.type);
  }

  flush(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    this.#due = this.#left + this.#waiting.size;
    const flushed = this.#flushes.until(this.#due);
    this.#next();
    return flushed;
  }

  /** Emits all that is pending, each batch once more at most, and then takes no more. */
  drain(): Promise<void> {
    const isFirst = this.#draining === undefined;
    // Known before anything is emitted: a handler of that may close, too.
    this.#draining ??= new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    if (isFirst) this.#next();
    return this.#draining;
  }

  #makeRoom(): boolean {
    const { overflow, type, maxPending } = this.#rules;
    if (overflow === 'reject') throw new QueueFullError(type, maxPending, 'its batcher');
    this.dropped++;
    if (overflow === 'dropNewest' || this.#waiting.size === 0) return false;
    this.#waiting.take(1);
    this.#left++;
    this.pending--;
    return true;
  }

  /** Begins what can be begun: the batch whose turn it is, or the time until that. */
  #next(): void {
    if (this.#drained !== undefined) this.#emitAll();
    if (this.#underWay > 0 || this.#isPaused) return;
    const { size, intervalMs } = this.#rules;
    const { size: waiting, since = Number.POSITIVE_INFINITY } = this.#waiting;
    const waitMs = since + intervalMs - this.#clock.precise();
    const isDue = waiting >= size || waitMs <= 0 || this.#left < this.#due;
    const batch = this.#line[0] ?? (isDue ? this.#gather() : undefined);
    if (batch !== undefined) void this.#send(batch);
    else if (Number.isFinite(waitMs)) this.#wait(waitMs);
  }

  #gather(): Batch | undefined {
    const items = this.#waiting.take(this.#rules.size);
    if (items.length === 0) return undefined;
    this.#left += items.length;
    if (this.#waiting.size === 0) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    const batch = new Batch(items, this.#left);
    this.#line.push(batch);
    return batch;
  }

  async #send(batch: Batch): Promise<void> {
    const isLast = this.#drained !== undefined;
    batch.isUnderWay = true;
    this.#underWay++;
    const error = await batch.emit(this.#bus, this.#rules.type);
    this.#underWay--;
    batch.isUnderWay = false;
    if (error === undefined) this.#done(batch);
    else this.#failed(batch, error, isLast);
    this.#next();
  }

  #failed(batch: Batch, error: BatchError, isLast: boolean): void {
    this.#isCutOff ||= isFinal(error);
    const delayMs = isLast || this.#isCutOff ? undefined : delayAfter(this.#rules.retry, batch.attempts, error);
    if (delayMs === undefined) {
      report(this.failures, this.#rules.onFailed, { items: batch.items, error });
      this.#done(batch, error);
    } else if (this.#drained === undefined && !this.#isPaused) {
      this.#isPaused = true;
      this.#pause = this.#clock.setTimeout(() => {
        this.#isPaused = false;
        this.#next();
      }, delayMs);
    }
  }

  #done(batch: Batch, error?: BatchError): void {
    this.#line.splice(this.#line.indexOf(batch), 1);
    this.pending -= batch.items.length;
    const [first] = this.#line;
    const done = first === undefined ? this.#left : first.last - first.items.length;
    this.#flushes.settle(done, batch, error);
    this.#roomCame?.();
  }

  /** There may be no later turn: nothing waits any more, not even for the batch that is under way. */
  #emitAll(): void {
    this.#resume();
    while (this.#gather() !== undefined);
    // Not looked through for each that is done: there may be very many.
    const others = this.#line.length > this.#underWay ? [...this.#line] : [];
    for (const batch of others) if (!batch.isUnderWay) void this.#send(batch);
    if ((this.pending === 0 || this.#isCutOff) && this.#drained !== undefined) this.#end();
  }

  #resume(): void {
    this.#clock.clearTimeout(this.#pause);
    this.#isPaused = false;
  }

  /** Until the oldest item has waited long enough; a timer that is set may be for one before it, and is set again. */
  #wait(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#next();
    }, ms);
  }

  #end(): void {
    this.#isClosed = true;
    this.#stopWatching?.();
    this.#roomCame?.();
    this.#drained?.();
  }
}
