import { compactRows } from './compaction.js';
import type { Connection } from './connection.js';
import { countRows } from './count.js';
import { evictRows } from './evict.js';
import type { StoreNotice } from './notice.js';
import { type Limits, limitsOf, type RetentionOptions } from './retention.js';
import { type Trim, trimLog } from './trim.js';
import type { WebLocks } from './web-locks.js';

/** Work begins when nothing was written for so long; to trim, when it has been due for so long. */
const QUIET_MS = 1000;
const LONGEST_WAIT_MS = 10_000;
/** Work is due at the first write of a page, when so much was written since the last time, or after so long. */
const DUE_EVENTS = 500;
const DUE_BYTES = 1_000_000;
const DUE_MS = 60_000;
/** And always when a share of a limit was written. */
const DUE_SHARE = 0.1;

type Work = (lost: AbortSignal) => Promise<void>;

/** Keeps the log within its limits, and quick to read, in moments in which nobody writes: in one tab at a time. */
export class Maintenance {
  readonly #connection: Connection;
  readonly #locks: WebLocks | undefined;
  readonly #retention: RetentionOptions;
  readonly #tell: (notice: StoreNotice) => void;
  #limits: Limits | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  readonly #closing = new AbortController();
  /** Since the last time. */
  #events = 0;
  #bytes = 0;
  #lastRunAt = Number.NEGATIVE_INFINITY;
  #lastWriteAt = 0;

  constructor(
    connection: Connection,
    locks: WebLocks | undefined,
    retention: RetentionOptions,
    tell: (notice: StoreNotice) => void,
  ) {
    this.#connection = connection;
    this.#locks = locks;
    this.#retention = retention;
    this.#tell = tell;
  }

  /** Events were committed. */
  wrote(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
    this.#lastWriteAt = Date.now();
    if (this.#isDue()) this.#wait(QUIET_MS, Date.now());
  }

  /** The space is used up. */
  async makeRoom(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const { signal } = this.#closing;
    this.#begin(
      (work) => this.#locks?.hold('maintenance', { signal }, work) ?? work(signal),
      () => this.#evict(),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #isDue(): boolean {
    const { maxEvents = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = this.#retention;
    return (
      this.#events >= Math.min(DUE_EVENTS, maxEvents * DUE_SHARE) ||
      this.#bytes >= Math.min(DUE_BYTES, maxBytes * DUE_SHARE) ||
      Date.now() - this.#lastRunAt >= DUE_MS
    );
  }

  #wait(ms: number, since: number): void {
    if (this.#closing.signal.aborted || this.#running !== undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const quietMs = Date.now() - this.#lastWriteAt;
      const isQuiet = quietMs >= QUIET_MS;
      if (!isQuiet && Date.now() - since < LONGEST_WAIT_MS) return this.#wait(QUIET_MS - quietMs, since);
      whenIdle(() =>
        this.#begin(
          (work) => this.#locks?.attempt('maintenance', work) ?? work(this.#closing.signal),
          (lost) => this.#maintain(lost, isQuiet),
        ),
      );
    }, ms);
  }

  #begin(alone: (work: Work) => Promise<void>, work: Work): void {
    if (this.#closing.signal.aborted || this.#running !== undefined) return;
    this.#running = alone(work)
      // Nothing is lost but time: it is done with what is due next.
      .catch(() => {})
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #maintain(lost: AbortSignal, isQuiet: boolean): Promise<void> {
    this.#lastRunAt = Date.now();
    this.#events = 0;
    this.#bytes = 0;
    const isWanted = (): boolean => !this.#closing.signal.aborted && !lost.aborted;
    await this.#connection.run('trim', countRows);
    if (isWanted()) this.#told(await this.#trim(false));
    const writtenAt = this.#lastWriteAt;
    if (!isQuiet) return;
    await this.#connection.run('compact', (db) => compactRows(db, () => isWanted() && this.#lastWriteAt === writtenAt));
  }

  async #evict(): Promise<void> {
    const trim = await this.#connection.run('trim', evictRows);
    this.#told(trim);
    const { bytes } = await this.#connection.run('trim', countRows);
    const limits = await this.#limitsNow();
    // This page does not come so close again.
    this.#limits = { ...limits, maxBytes: Math.min(limits.maxBytes, trim === undefined ? bytes * 0.75 : bytes) };
    if (trim === undefined) this.#told(await this.#trim(true));
  }

  async #trim(hurry: boolean): Promise<Trim | undefined> {
    const limits = await this.#limitsNow();
    return this.#connection.run('trim', (db) => trimLog(db, limits, Date.now(), hurry));
  }

  #told(trim: Trim | undefined): void {
    if (trim !== undefined) this.#tell({ kind: 'trimmed', ...trim });
  }

  async #limitsNow(): Promise<Limits> {
    this.#limits ??= await limitsOf(this.#retention);
    return this.#limits;
  }
}

function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'undefined') work();
  else requestIdleCallback(work, { timeout: QUIET_MS });
}
