import type { EventStore } from '../ports.js';
import { recordFault, type SentRecord } from './record-check.js';

/** Sequences of one node that are missing, both ends included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** How far back in the store missing records are looked for. */
const FARTHEST = 20_000;

/** How many nodes may wait for a look into the store. */
const MOST_SEARCHES = 1000;

/** What is looked for, and found, for one node. */
interface Search {
  readonly node: string;
  readonly gaps: readonly Gap[];
  readonly lowest: number;
  readonly found: SentRecord[];
  readonly resolve: (found: readonly SentRecord[]) => void;
}

/** Finds missing records in the store, in one pass at a time for all nodes: however many gaps there are, it reads on once. */
export class GapFinder {
  readonly #store: EventStore;
  readonly #report: (error: unknown) => void;
  #waiting: Search[] = [];
  #reading = false;

  constructor(store: EventStore, report: (error: unknown) => void) {
    this.#store = store;
    this.#report = report;
  }

  /** The stored records that close gaps of a node, by sequence; the gaps must ascend. Never rejects. */
  find(node: string, gaps: readonly Gap[]): Promise<readonly SentRecord[]> {
    const lowest = gaps[0]?.from;
    if (lowest === undefined || this.#waiting.length >= MOST_SEARCHES) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.#waiting.push({ node, gaps, lowest, found: [], resolve });
      if (!this.#reading) void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#reading = true;
    for (let searches = this.#waiting; searches.length > 0; searches = this.#waiting) {
      this.#waiting = [];
      try {
        await this.#pass(new Map(searches.map((search) => [search.node, search])));
      } catch (error) {
        this.#report(error);
      }
      for (const { found, gaps, resolve } of searches) resolve(inGaps(found, gaps));
    }
    this.#reading = false;
  }

  async #pass(open: Map<string, Search>): Promise<void> {
    for await (const { record } of this.#store.read({ order: 'desc', limit: FARTHEST })) {
      const { node = '', seq } = record;
      const search = open.get(node);
      if (search === undefined || seq === undefined) continue;
      // Another version of the bus may have written it.
      if (seq >= search.lowest && recordFault(record, Number.POSITIVE_INFINITY) === undefined) {
        search.found.push(record as SentRecord);
      }
      // A node appends in the order of its sequence: what lies behind this is older still.
      if (seq <= search.lowest && open.delete(node) && open.size === 0) return;
    }
  }
}

/** Those of the found records that fill a gap, in order. */
function inGaps(found: SentRecord[], gaps: readonly Gap[]): readonly SentRecord[] {
  let at = 0;
  return found
    .sort((a, b) => a.seq - b.seq)
    .filter(({ seq }) => {
      while (at < gaps.length && (gaps[at] as Gap).to < seq) at++;
      return at < gaps.length && (gaps[at] as Gap).from <= seq;
    });
}
