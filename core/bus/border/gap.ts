import type { EventStore, StoredRecord } from '../ports.js';

/** How far back a missing record is looked for. */
const FARTHEST = 20_000;

/** The stored records of a node with sequences `from` to `to`, oldest first. */
export async function findInStore(store: EventStore, node: string, from: number, to: number): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const stored of store.read({ order: 'desc', limit: FARTHEST })) {
    const { seq } = stored.record;
    if (stored.record.node !== node || seq === undefined) continue;
    if (seq < from) break;
    if (seq <= to) found.push(stored);
    if (seq === from) break;
  }
  return found.reverse();
}
