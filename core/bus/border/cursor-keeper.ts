import type { Clock } from '../clock.js';
import type { Cursor, CursorStore, StoredRetry } from '../ports.js';

/** Waits between attempts to move a cursor in a store that fails. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** What a keeper is made of. */
export interface CursorKeeperParts {
  readonly cursors: CursorStore;
  readonly name: string;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
  /** The cursor was moved, or cannot be any more. */
  readonly moved: (cursor: Cursor | undefined) => void;
  /** There is nothing more to move, for now. */
  readonly rested: () => void;
}

/** Moves the cursor of one durable subscription: one transaction at a time, each as far as the one before has let it come. */
export class CursorKeeper {
  /** How many events were settled up to where the cursor is. */
  count = 0;
  /** The cursor is somebody else's, or gone: nothing is moved until it is claimed again. */
  fenced = false;
  epoch = 0;
  /** By offset, calls that failed and will be made again. */
  readonly retries: Map<number, StoredRetry> = new Map();
  readonly #parts: CursorKeeperParts;
  #wanted = { offset: 0, count: 0 };
  #isClaimed = false;
  #isDirty = false;
  #moving: Promise<void> | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(parts: CursorKeeperParts) {
    this.#parts = parts;
  }

  /** Whether something that is settled is not committed yet. */
  get busy(): boolean {
    return this.#moving !== undefined || (this.#isDirty && !this.fenced);
  }

  /** The store's cursor, for this node alone if `exclusive`; begins to count when it is not where this node left it. */
  async claim(start: number, exclusive: boolean): Promise<{ readonly cursor: Cursor; readonly isOurs: boolean }> {
    await this.#moving;
    const cursor = await this.#parts.cursors.claim(this.#parts.name, start, exclusive);
    // Nobody else had it meanwhile: what this node has begun with goes on.
    const isOurs = this.#isClaimed && cursor.epoch === this.epoch + (exclusive ? 1 : 0);
    this.#isClaimed = true;
    this.epoch = cursor.epoch;
    this.fenced = false;
    if (isOurs) {
      if (this.#isDirty) this.move();
    } else {
      this.count = 0;
      this.#wanted = { offset: cursor.offset, count: 0 };
      this.retries.clear();
      for (const retry of cursor.retries) this.retries.set(retry.offset, retry);
    }
    return { cursor, isOurs };
  }

  /** All up to `offset` is settled, the first `count` events; to be committed soon, or with what settles next. */
  settled(offset: number, count: number): void {
    if (offset <= this.#wanted.offset && count <= this.#wanted.count) return;
    this.#wanted.offset = offset;
    this.#wanted.count = count;
    this.#isDirty = true;
  }

  /** Commits what is settled, unless it is. */
  commit(): void {
    if (this.#isDirty && !this.fenced) this.#moving ??= this.#run();
  }

  /** Moves the cursor though it may be where it should: a sign of life. */
  move(): void {
    this.#isDirty = true;
    this.commit();
  }

  /** Resolves when all that is settled is committed. */
  async flush(): Promise<void> {
    this.commit();
    await this.#moving;
  }

  /** Resolves when all that is settled is committed, or could not be. */
  async close(): Promise<void> {
    this.#closed = true;
    this.commit();
    this.#wake?.();
    await this.#moving;
  }

  async #run(): Promise<void> {
    const { cursors, name, report, moved, rested } = this.#parts;
    for (let waitMs = FIRST_WAIT_MS; this.#isDirty && !this.fenced; ) {
      this.#isDirty = false;
      const { offset, count } = this.#wanted;
      const { epoch } = this;
      for (const retried of this.retries.keys()) if (retried <= offset) this.retries.delete(retried);
      try {
        const cursor = await cursors.move(name, { offset, epoch, retries: [...this.retries.values()] });
        // It may have been claimed meanwhile: it is to be moved in that epoch, then.
        this.#isDirty ||= cursor === undefined || epoch !== this.epoch;
        if (epoch !== this.epoch) continue;
        waitMs = FIRST_WAIT_MS;
        if (cursor === undefined) this.fenced = true;
        else this.count = count;
        moved(cursor);
      } catch (error) {
        report(error);
        if (this.#closed) break;
        this.#isDirty = true;
        await this.#wait(waitMs);
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
      }
    }
    this.#moving = undefined;
    rested();
  }

  async #wait(waitMs: number): Promise<void> {
    const { clock } = this.#parts;
    let timer: unknown;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = clock.setTimeout(resolve, waitMs);
    });
    clock.clearTimeout(timer);
    this.#wake = undefined;
  }
}
