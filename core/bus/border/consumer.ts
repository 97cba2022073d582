import type { Clock } from '../clock.js';
import type { Dispatcher } from '../dispatch/dispatch.js';
import { EventsTrimmedError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import type { Inspector } from '../inspection.js';
import type { Cursor, EventStore } from '../ports.js';
import { type Feed, handlerInfo, PAUSED, type Registration } from '../router/subscription.js';
import type { ConsumerOptions } from './consumer-options.js';
import { CursorKeeper } from './cursor-keeper.js';
import { Duty, pause } from './duty.js';
import { HandOver } from './hand-over.js';
import type { Decode } from './history.js';
import type { Tail } from './tail.js';

/** Waits after a store has failed. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** So often a cursor moves over what is not for its subscription. */
const MOVE_ON_MS = 1000;

/** What a consumer is made of. */
export interface ConsumerParts {
  readonly store: EventStore;
  readonly tail: Tail;
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly inspector: () => Inspector | null;
  readonly report: (error: unknown) => void;
  readonly decode: Decode | undefined;
  /** Whether a record is not to be handled, as its source may not emit it (G4). */
  readonly forbids: (record: EventRecord) => boolean;
  /** Where to begin where there is no cursor: all up to here is passed by. */
  readonly start: () => Promise<number>;
  /** It has nothing to do, for now or for good. */
  readonly rested: () => void;
  /** What has to end before it begins. */
  readonly before: (consumer: Consumer) => Promise<unknown>;
  readonly began: (consumer: Consumer) => void;
  readonly over: (consumer: Consumer) => void;
}

/** Reads events from the store for one subscription, in order, as long as it is its turn (S6, S7). */
export class Consumer implements Feed {
  readonly options: ConsumerOptions;
  readonly #parts: ConsumerParts;
  readonly #patterns: readonly string[];
  readonly #keeper: CursorKeeper | undefined;
  readonly #duty: Duty | undefined;
  readonly #ended = new AbortController();
  #registration!: Registration;
  #start: Promise<number> | undefined;
  #handOver: HandOver | undefined;
  /** All up to here was read. */
  #read = 0;
  /** When the cursor last moved over what is not for the subscription, epoch ms. */
  #movedOnAt = 0;
  /** `beginning` while it asks the store where. */
  #state: 'waiting' | 'beginning' | 'active' = 'beginning';
  #waiting: (() => void)[] = [];
  #closing = false;
  /** It is its turn, and it is not paused. */
  #isHanding = false;
  /** Aborts when another node has the turn that was its own last. */
  #lost: AbortSignal | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(patterns: readonly string[], options: ConsumerOptions, parts: ConsumerParts) {
    const { store, clock, report } = parts;
    const { durable: name, group, leaseMs } = options;
    this.#parts = parts;
    this.#patterns = patterns;
    this.options = options;
    if (name === undefined || store.cursors === undefined) return;
    const moved = (cursor: Cursor | undefined): void => this.#moved(cursor);
    this.#keeper = new CursorKeeper({ cursors: store.cursors, name, clock, report, moved, rested: () => this.#wake() });
    if (group === undefined) return;
    this.#duty = new Duty({ store, name: `${group}/${name}`, leaseMs, clock, sign: () => this.#sign() });
  }

  /** Whether there is something to handle, or to commit, that this node knows of. */
  get busy(): boolean {
    if (this.#keeper?.busy === true) return true;
    if (this.#state === 'waiting' || this.#isPaused) return false;
    if (this.#state === 'beginning') return true;
    return this.#handOver?.isIdle === false || this.#read < this.#parts.tail.head;
  }

  get position(): { readonly onDuty: boolean; readonly offset: number; readonly inFlight: number } {
    const { offset = 0, inFlight = 0 } = this.#handOver?.progress ?? {};
    return { onDuty: this.#state === 'active', offset, inFlight };
  }

  begin(registration: Registration): void {
    this.#registration = registration;
    this.#parts.began(this);
    this.#parts.tail.add(this.#wake);
    // At once: what is emitted from now on is new.
    this.#start = this.#parts.start();
    this.#start.catch(() => {});
    this.#work = this.#run();
  }

  ended(): void {
    this.#ended.abort();
    this.#wake();
  }

  pausedOrResumed(): void {
    if (!this.#isPaused) this.#handOver?.resume();
    this.#wake();
  }

  retrying(offset: number, attempts: number, delayMs: number): void {
    this.#keeper?.retries.set(offset, { offset, attempts, dueAt: this.#parts.clock.now() + delayMs });
    this.#keeper?.move();
  }

  /** Waits no longer for what is being handled; resolves when what is settled is committed. */
  close(): Promise<void> {
    this.#closing = true;
    this.ended();
    void this.#keeper?.close();
    return this.#work;
  }

  /** Whether another node may have its turn: a call that failed is made again by whoever has. */
  get isAway(): boolean {
    return !this.isOver && (this.#lost?.aborted === true || this.#isFenced);
  }

  /** Whether it was unsubscribed. */
  get isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Resolves when nothing of it is under way any more. */
  get finished(): Promise<void> {
    return this.#work;
  }

  get #isPaused(): boolean {
    return this.#registration?.state === PAUSED;
  }

  get #isFenced(): boolean {
    return this.#keeper?.fenced === true;
  }

  async #run(): Promise<void> {
    const { clock, report, rested, tail, before, over } = this.#parts;
    await before(this);
    for (let waitMs = FIRST_WAIT_MS; !this.isOver; ) {
      try {
        while (this.#isPaused && !this.isOver) await this.#woken();
        if (this.#duty === undefined) await this.#session(this.#ended.signal);
        else await this.#takeTurn(this.#duty);
        waitMs = FIRST_WAIT_MS;
      } catch (error) {
        if (this.isOver) break;
        report(error);
        this.#state = 'waiting';
        rested();
        await pause(clock, waitMs, this.#ended.signal);
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
      }
    }
    this.#state = 'waiting';
    // What a handler does after its bus was closed is nobody's.
    this.#handOver?.abandon();
    tail.delete(this.#wake);
    over(this);
    rested();
  }

  async #takeTurn(duty: Duty): Promise<void> {
    let session: Promise<void> | undefined;
    // Until it is known whose turn it is.
    this.#state = 'beginning';
    const looked = (): void => {
      this.#state = 'waiting';
      this.#settled();
    };
    await duty.turn(this.#ended.signal, looked, (lost) => {
      session = this.#session(lost);
      return session;
    });
    // A turn that was lost is over before that.
    await session;
  }

  /** Handles events until the subscription ends, is paused, or has lost its turn or its cursor. */
  async #session(lost: AbortSignal): Promise<void> {
    const signals = [lost, this.#ended.signal];
    if (signals.some(({ aborted }) => aborted)) return;
    const over = new AbortController();
    const done = new AbortController();
    const stop = (): void => {
      over.abort();
      this.#wake();
    };
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
    try {
      this.#state = 'beginning';
      const handOver = await this.#claim();
      this.#state = 'active';
      this.#lost = lost;
      this.#tellDuty('onDuty');
      const beat = (): unknown => (this.busy || !handOver.isIdle) && this.#keeper?.move();
      void this.#duty?.beat(done.signal, beat);
      this.#isHanding = true;
      if (!this.#isPaused) handOver.resume();
      while (!over.signal.aborted && !this.#isFenced && !this.#isPaused) {
        if (this.#read < this.#parts.tail.head) await this.#readOn(handOver, over.signal);
        else await this.#rest(handOver);
      }
      this.#isHanding = false;
      if (!lost.aborted || this.isOver) await this.#finish(handOver);
    } finally {
      this.#isHanding = false;
      done.abort();
      stop();
      for (const signal of signals) signal.removeEventListener('abort', stop);
      if (this.#state === 'active') this.#tellDuty('offDuty');
      this.#state = 'beginning';
    }
  }

  /** Asks the store where to go on. */
  async #claim(): Promise<HandOver> {
    const { durable = '', from } = this.options;
    const begun = this.#start ?? this.#parts.start();
    this.#start = undefined;
    const start = await begun;
    if (this.#keeper === undefined) return this.#handOver ?? this.#beginAt(start);
    const isNew = (await this.#parts.store.cursors?.get(durable)) === undefined;
    const { cursor, isOurs } = await this.#keeper.claim(start, this.#duty !== undefined);
    const handOver = (isOurs ? this.#handOver : undefined) ?? this.#beginAt(cursor.offset);
    // What is gone before a subscription begins was never its own, unless it asked for just that.
    if (!isNew || (typeof from === 'object' && 'offset' in from)) this.#noteTrimmed(cursor);
    return handOver;
  }

  #beginAt(offset: number): HandOver {
    const { clock, dispatcher, inspector, forbids } = this.#parts;
    const { durable, concurrency } = this.options;
    this.#handOver?.abandon();
    this.#read = offset;
    this.#handOver = new HandOver(offset, {
      ...{ clock, dispatcher, inspector, forbids, durable, concurrency },
      registration: this.#registration,
      keeper: this.#keeper,
      ended: this.#ended.signal,
      mayCall: () => this.#isHanding && !this.isAway,
      changed: () => this.#settled(),
    });
    return this.#handOver;
  }

  async #readOn(handOver: HandOver, over: AbortSignal): Promise<void> {
    const { store, tail, decode } = this.#parts;
    const { head } = tail;
    const isStopped = (): boolean => over.aborted || this.#isFenced || this.#isPaused;
    try {
      for await (const stored of store.read({ pattern: this.#patterns, after: this.#read, signal: over })) {
        while (handOver.isFull && !isStopped()) {
          this.#keeper?.commit();
          await this.#woken();
        }
        if (isStopped()) return;
        const record = decode === undefined ? stored.record : await decode(stored.record);
        // Whoever reads on begins with it.
        if (decode !== undefined && isStopped()) return;
        this.#read = stored.offset;
        // What a codec refuses is no event, and is passed like one for others.
        if (record !== undefined) handOver.take(record === stored.record ? stored : { offset: stored.offset, record });
      }
    } catch (error) {
      if (over.aborted) return;
      throw error;
    }
    // A store may end there instead of failing.
    if (over.aborted) return;
    this.#read = Math.max(this.#read, head);
  }

  /** Waits for more; what is not for this subscription moves its cursor now and then. */
  async #rest({ progress }: HandOver): Promise<void> {
    progress.passed(this.#read);
    const now = this.#parts.clock.now();
    if (now >= this.#movedOnAt + MOVE_ON_MS) {
      this.#movedOnAt = now;
      this.#keeper?.settled(progress.offset, progress.count);
    }
    this.#keeper?.commit();
    if (!this.busy) this.#parts.rested();
    await this.#woken();
  }

  /** Waits for what is being handled, so that whoever comes next begins behind it. */
  async #finish(handOver: HandOver): Promise<void> {
    while (!handOver.isIdle && !this.#closing && !this.#isFenced) await this.#woken();
    const { progress } = handOver;
    progress.passed(this.#read);
    this.#keeper?.settled(progress.offset, progress.count);
    await (this.isOver ? this.#keeper?.close() : this.#keeper?.flush());
  }

  /** Something was settled, or let go of. */
  #settled(): void {
    // Nobody reads on, so nobody else will commit it, or learn that it is another node's to commit.
    if (this.#state === 'waiting' && !this.isOver) this.#keeper?.commit();
    this.#wake();
  }

  #moved(cursor: Cursor | undefined): void {
    const { durable = '' } = this.options;
    if (cursor !== undefined) {
      const handler = handlerInfo(this.#registration);
      this.#parts.inspector()?.tell({ kind: 'cursorMoved', handler, cursor: durable, offset: cursor.offset });
      this.#noteTrimmed(cursor);
    }
    this.#wake();
  }

  #noteTrimmed({ trimmed }: Cursor): void {
    if (trimmed <= this.#read) return;
    const { durable = '' } = this.options;
    const [after, through] = [this.#read, trimmed];
    this.#read = trimmed;
    this.#parts.report(new EventsTrimmedError(durable, after, through));
    const handler = handlerInfo(this.#registration);
    this.#parts.inspector()?.tell({ kind: 'trimmed', handler, cursor: durable, after, through });
  }

  /** What {@link Duty} sees of the one on duty. */
  async #sign(): Promise<string | undefined> {
    const { store, tail } = this.#parts;
    const cursor = await store.cursors?.get(this.options.durable ?? '');
    if (cursor === undefined || cursor.epoch === 0) return 'free';
    if (cursor.offset >= tail.head) return undefined;
    const query = { pattern: this.#patterns, after: cursor.offset, limit: 1 };
    for await (const _ of store.read(query)) return `${cursor.epoch} ${cursor.beat}`;
    return undefined;
  }

  #tellDuty(kind: 'onDuty' | 'offDuty'): void {
    const { group } = this.options;
    if (group === undefined || this.#keeper === undefined) return;
    const handler = handlerInfo(this.#registration);
    this.#parts.inspector()?.tell({ kind, handler, group, epoch: this.#keeper.epoch });
  }

  readonly #wake = (): void => {
    for (const go of this.#waiting.splice(0)) go();
    if (!this.busy) this.#parts.rested();
  };

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
