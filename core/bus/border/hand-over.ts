import type { Clock } from '../clock.js';
import type { LiveEmission } from '../dispatch/delivery.js';
import type { Dispatcher } from '../dispatch/dispatch.js';
import { EventEnvelope, type EventRecord, eventFromRecord } from '../event/event.js';
import type { Inspector } from '../inspection.js';
import type { StoredRecord } from '../ports.js';
import { GONE, handlerInfo, PAUSED, type Registration } from '../router/subscription.js';
import type { CursorKeeper } from './cursor-keeper.js';
import { pause } from './duty.js';
import { type Begun, Progress } from './progress.js';

/** Events handled that the cursor may be behind: so many, at most, are handled twice after a crash. */
const MOST_UNCOMMITTED = 100;

/** How long after a dead letter could not be kept its event is handled again. */
const AGAIN_AFTER_MS = 10_000;

/** How long the cursor waits for what a handler has emitted: a store or a middleware that hangs is not to hold it up for ever. */
const COMMITTED_WITHIN_MS = 10_000;

/** What a hand-over is made of. */
export interface HandOverParts {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly inspector: () => Inspector | null;
  readonly forbids: (record: EventRecord) => boolean;
  readonly registration: Registration;
  /** Name of the cursor, and who moves it; neither for a subscription that begins anew each time. */
  readonly durable: string | undefined;
  readonly keeper: CursorKeeper | undefined;
  readonly concurrency: number;
  readonly ended: AbortSignal;
  /** Whether it is this node's turn now. */
  readonly mayCall: () => boolean;
  /** There is room for another event, or nothing is being handled any more. */
  readonly changed: () => void;
}

/** An event on its way through the handler. */
interface Handed {
  readonly stored: StoredRecord;
  readonly begun: Begun;
}

/** Hands events that were read to their handler, and keeps account of which are settled, from one place in the log on. */
export class HandOver {
  readonly progress: Progress;
  readonly #parts: HandOverParts;
  /** What came to the handler while it was paused, or not this node's turn. */
  #parked: Handed[] = [];
  /** Another node has taken over: what becomes of what is being handled is that one's. */
  #isStale = false;
  /** What waits to be tried again has others wait behind it, where events are handled in order. */
  #before: Promise<void> | undefined;

  constructor(offset: number, parts: HandOverParts) {
    this.progress = new Progress(offset);
    this.#parts = parts;
  }

  get isFull(): boolean {
    const { concurrency, keeper } = this.#parts;
    const { inFlight, settled, count } = this.progress;
    return inFlight >= concurrency || settled - (keeper?.count ?? count) >= MOST_UNCOMMITTED;
  }

  get isOver(): boolean {
    return this.#isStale;
  }

  /** Whether nothing is being handled; what waits for the end of a pause is not. */
  get isIdle(): boolean {
    return this.progress.inFlight === this.#parked.length;
  }

  take(stored: StoredRecord): void {
    this.#hand({ stored, begun: this.progress.begin(stored.offset) });
  }

  resume(): void {
    for (const handed of this.#parked.splice(0)) this.#hand(handed);
  }

  /** Ends its part in the cursor. */
  abandon(): void {
    this.#isStale = true;
    this.#parked = [];
  }

  #hand(handed: Handed): void {
    const { clock, keeper, registration } = this.#parts;
    const retry = keeper?.retries.get(handed.stored.offset);
    const waitMs = retry === undefined ? 0 : retry.dueAt - clock.now();
    if (waitMs <= 0 && this.#before === undefined) this.#call(handed, retry?.attempts ?? 0);
    else {
      const called = this.#wait(waitMs).then(() => this.#call(handed, retry?.attempts ?? 0));
      if ((registration.options?.concurrency ?? 1) === 1) this.#haveWait(called);
      else void called;
    }
  }

  async #wait(ms: number): Promise<void> {
    const { clock, ended } = this.#parts;
    await Promise.all([this.#before, ms > 0 && pause(clock, ms, ended)]);
  }

  #haveWait(called: Promise<void>): void {
    this.#before = called;
    void called.then(() => {
      if (this.#before === called) this.#before = undefined;
    });
  }

  #call(handed: Handed, attempts: number): void {
    const { offset, record } = handed.stored;
    const { dispatcher, inspector, clock, durable, registration } = this.#parts;
    if (this.#isStale || registration.state === GONE) {
      this.#leave();
      return;
    }
    if (!this.#parts.mayCall()) {
      this.#park(handed);
      return;
    }
    // Read by a wider pattern than its scope may hear, or put there by somebody who may not emit it.
    if (registration.options?.owner?.hears?.(record.type) === false || this.#parts.forbids(record)) {
      this.#settle(handed);
      return;
    }
    const event = eventFromRecord(record);
    const { ttlMs } = EventEnvelope.detailsOf(event);
    if (ttlMs !== undefined && clock.now() > event.timestamp + ttlMs) {
      this.#settle(handed);
      return;
    }
    const told = inspector();
    if (told !== null) {
      const node = record.node === dispatcher.nodeId ? undefined : record.node;
      told.tell({ kind: 'readBack', event: told.view(event), handler: handlerInfo(registration), offset, node });
    }
    const key = durable && `${durable}:${offset}:${record.id}`;
    const emission = dispatcher.offerTo([registration], event, { offset, key, attempts, turn: this });
    if (emission.settled) this.#called(handed, emission);
    else void emission.then(() => this.#called(handed, emission));
  }

  #called(handed: Handed, emission: LiveEmission): void {
    const { status, delivered, failures } = emission.result();
    const { state } = this.#parts.registration;
    const isUncalled = delivered === 0 && failures.length === 0;
    const isLeft = emission.postponed || status === 'dropped';
    if ((isLeft || isUncalled) && state === GONE) this.#leave();
    // Another node's turn came before its next call, or the queue had no room for it.
    else if (isLeft) this.#hand(handed);
    else if (isUncalled && state === PAUSED) this.#park(handed);
    else if (emission.letter === undefined) this.#settleAfter(handed, emission.owed);
    else
      void emission.letter.then((isKept) =>
        isKept ? this.#settleAfter(handed, emission.owed) : this.#handAgain(handed),
      );
  }

  /** What the handler has emitted is lost with the page until it is committed, and is emitted again if it is. */
  #settleAfter(handed: Handed, commits: readonly Promise<unknown>[] | undefined): void {
    if (commits === undefined) {
      this.#settle(handed);
      return;
    }
    const known = new AbortController();
    void Promise.allSettled(commits).then(() => known.abort());
    void pause(this.#parts.clock, COMMITTED_WITHIN_MS, known.signal).then(() => this.#settle(handed));
  }

  #park(handed: Handed): void {
    this.#parked.push(handed);
    this.#parts.changed();
  }

  /** Neither handled nor kept as a dead letter: the store has failed. */
  async #handAgain(handed: Handed): Promise<void> {
    await pause(this.#parts.clock, AGAIN_AFTER_MS, this.#parts.ended);
    this.#hand(handed);
  }

  #settle({ begun, stored }: Handed): void {
    const { keeper, changed } = this.#parts;
    this.progress.settle(begun);
    if (this.#isStale) return;
    keeper?.retries.delete(stored.offset);
    keeper?.settled(this.progress.offset, this.progress.count);
    changed();
  }

  /** It stays unsettled: whoever subscribes next begins with it. */
  #leave(): void {
    this.progress.leave();
    this.#parts.changed();
  }
}
