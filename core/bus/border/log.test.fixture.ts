import { StoreError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import type { EventStore, HistoryQuery, StoredRecord, StoredRef } from '../ports.js';

/** A store whose commits, reads and failures the test decides on; nodes given the same one share its log. */
export class Log implements EventStore {
  readonly name = 'log';
  readonly id = 'log';
  readonly caps: EventStore['caps'];
  readonly records: StoredRecord[] = [];
  /** How the log was read. */
  readonly reads: HistoryQuery[] = [];
  /** How many records were read, over all reads. */
  recordsRead = 0;
  /** True keeps commits waiting until {@link Log.commit}. */
  holdsCommits = false;
  /** True keeps reads waiting until {@link Log.release}. */
  holdsReads = false;
  isBroken = false;
  #commits: (() => void)[] = [];
  #readers: (() => void)[] = [];

  constructor({ shared = true }: { shared?: boolean } = {}) {
    this.caps = { persistent: false, shared };
  }

  async append(records: readonly EventRecord[]): Promise<readonly StoredRef[]> {
    const copies = structuredClone(records);
    if (this.holdsCommits) await new Promise<void>((resolve) => this.#commits.push(resolve));
    if (this.isBroken) throw new StoreError(this.name, 'append', 'Mend the test');
    return copies.map((record) => {
      const offset = this.records.length + 1;
      this.records.push({ offset, record });
      return { store: this.id, offset };
    });
  }

  async *read(query: HistoryQuery = {}): AsyncGenerator<StoredRecord> {
    const { order, limit = Number.POSITIVE_INFINITY } = query;
    this.reads.push(query);
    const found = order === 'desc' ? this.records.toReversed() : this.records.slice();
    if (this.holdsReads) await new Promise<void>((resolve) => this.#readers.push(resolve));
    if (this.isBroken) throw new StoreError(this.name, 'read', 'Mend the test');
    for (const stored of found.slice(0, limit)) {
      this.recordsRead++;
      yield structuredClone(stored);
    }
  }

  commit(): void {
    this.holdsCommits = false;
    for (const resolve of this.#commits.splice(0)) resolve();
  }

  release(): void {
    this.holdsReads = false;
    for (const resolve of this.#readers.splice(0)) resolve();
  }

  async close(): Promise<void> {}
}
