import type { Durability, EventRecord } from '../../index.js';
import type { Connection } from './connection.js';
import { isConnectionLost, storeFailure } from './failure.js';
import type { PageLife, PageMoment } from './page-life.js';
import { roughBytes } from './rough-bytes.js';
import { MOST_BYTES, MOST_EVENTS } from './rows.js';
import type { Space } from './space.js';
import { type Append, startWrites, type Write } from './transaction.js';

/**
 * Commits appends in groups: while one transaction is under way, appends gather for the next, so that the group grows
 * with the load and no timer is needed.
 */
export class Writer {
  readonly #name: string;
  readonly #connection: Connection;
  readonly #page: PageLife;
  readonly #space: Space;
  readonly #wrote: (events: number, bytes: number) => void;
  readonly #pending: Append[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #scheduled = false;
  /** The page is being left: there is no next turn to gather for. */
  #leaving = false;

  constructor(
    name: string,
    connection: Connection,
    page: PageLife,
    space: Space,
    wrote: (events: number, bytes: number) => void,
  ) {
    this.#name = name;
    this.#connection = connection;
    this.#page = page;
    this.#space = space;
    this.#wrote = wrote;
  }

  pageIs(moment: PageMoment): void {
    if (moment === 'left') this.#leaving = true;
    if (moment === 'back') this.#leaving = false;
    else this.#flush();
  }

  /** Resolves with the offset of each record. */
  append(records: readonly EventRecord[], durability: Durability): Promise<readonly number[]> {
    this.#page.watch();
    return new Promise((resolve, reject) => {
      this.#pending.push({ records, sizes: records.map(roughBytes), durability, resolve, reject });
      if (this.#leaving) this.#flush();
      else this.#schedule();
    });
  }

  /** Commits what is pending; nothing may be appended any more. */
  async close(): Promise<void> {
    this.#flush();
    await Promise.all(this.#underWay);
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay.size > 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#underWay.size === 0) this.#commitNext();
    });
  }

  /** One transaction for all: each further one would have to wait for those before it. */
  #flush(): void {
    this.#start(this.#pending.splice(0));
  }

  #commitNext(): void {
    this.#start(this.#takeGroup());
  }

  #start(group: readonly Append[]): void {
    if (group.length === 0) return;
    const refusal = this.#space.refusal('append');
    if (refusal !== undefined) {
      for (const { reject } of group) reject(refusal);
      return;
    }
    const commit = this.#commit(group).then(() => {
      this.#underWay.delete(commit);
      if (this.#underWay.size === 0) this.#commitNext();
    });
    this.#underWay.add(commit);
  }

  #takeGroup(): readonly Append[] {
    let events = 0;
    let bytes = 0;
    let count = 0;
    for (const { sizes } of this.#pending) {
      events += sizes.length;
      for (const size of sizes) bytes += size;
      if (count > 0 && (events > MOST_EVENTS || bytes > MOST_BYTES)) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  /** Runs without a pause up to the start of the transaction when the connection is open. Never rejects. */
  async #commit(group: readonly Append[], again = false): Promise<void> {
    const lost: Append[] = [];
    let db = this.#connection.current;
    try {
      db ??= await this.#connection.open();
      await Promise.all(startWrites(db, group).map((write) => this.#settle(write, again ? undefined : lost)));
    } catch (error) {
      this.#fail(group, error, again ? undefined : lost);
    }
    if (db === undefined || lost.length === 0) return;
    this.#connection.drop(db);
    await this.#commit(lost, true);
  }

  async #settle({ group, offsets }: Write, lost: Append[] | undefined): Promise<void> {
    try {
      const all = await offsets;
      let start = 0;
      let bytes = 0;
      for (const { records, sizes, resolve } of group) {
        resolve(all.slice(start, start + records.length));
        start += records.length;
        for (const size of sizes) bytes += size;
      }
      this.#space.written();
      this.#wrote(start, bytes);
    } catch (error) {
      this.#fail(group, error, lost);
    }
  }

  /** What was lost with its connection may be tried once more: an aborted transaction has left nothing behind. */
  #fail(group: readonly Append[], error: unknown, lost: Append[] | undefined): void {
    if (lost !== undefined && isConnectionLost(error)) {
      lost.push(...group);
      return;
    }
    const failure = storeFailure(this.#name, 'append', error);
    this.#space.failed(failure);
    for (const { reject } of group) reject(failure);
  }
}
