import type { Clock, EventRecord } from '../../index.js';

/** Most nodes that are remembered behind one port. */
const MOST_NODES = 1000;

/** The nodes whose records came over one port: those that have not taken leave when it closes are gone without. */
export class Nodes {
  /** Source and last sequence of each. */
  readonly #last = new Map<string, readonly [source: string, seq: number | undefined]>();

  /** Takes note of who sent some records, which nobody has checked yet. */
  note(records: readonly unknown[]): void {
    const nodeOf = (at: number): unknown => (records[at] as EventRecord | null | undefined)?.node;
    for (let at = 0; at < records.length; at++) {
      const node = nodeOf(at);
      // Only the last of those that one node sent in a row says something new.
      if (typeof node !== 'string' || nodeOf(at + 1) === node) continue;
      const { type, source, seq } = records[at] as EventRecord;
      if (type === '$bye') this.#last.delete(node);
      else if (this.#last.size < MOST_NODES || this.#last.has(node)) this.#last.set(node, [source, seq]);
    }
  }

  /** What those who are still there would say, and forgets them. */
  farewells(clock: Clock): EventRecord[] {
    const timestamp = clock.now();
    const records = [...this.#last].map(([node, [source, seq = 0]]): EventRecord => {
      const common = { v: 1, id: node, type: '$bye', timestamp, source, correlationId: node } as const;
      return { ...common, data: undefined, metadata: {}, priority: 0, node, seq };
    });
    this.#last.clear();
    return records;
  }
}
