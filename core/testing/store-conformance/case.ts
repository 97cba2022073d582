import type {
  DeadLetterRecord,
  DeadLetterStore,
  EventRecord,
  EventStore,
  HistoryQuery,
  StoreCaps,
  StoredRecord,
} from '../../index.js';

/** A case before it knows its store: `open` makes one on the log of the case, or on another of its own with a suffix. */
export interface StoreCase {
  readonly name: string;
  /** Only stores with these capabilities are asked. */
  readonly needs?: readonly (keyof StoreCaps)[];
  readonly run: (open: (suffix?: string) => EventStore) => Promise<void>;
}

let made = 0;

/** A record like one a bus makes, with whatever of it matters to the case. */
export function record(type: string, fields: Partial<EventRecord> = {}): EventRecord {
  const id = `id-${++made}`;
  const data = { n: made, text: 'Lübeck', list: [1, null, { deep: true }] };
  return {
    ...{ v: 1, id, type, timestamp: 1000 + made, source: 'app', correlationId: id, data, metadata: {}, priority: 0 },
    ...fields,
  };
}

export function records(type: string, count: number): readonly EventRecord[] {
  return Array.from({ length: count }, () => record(type));
}

/** A letter of which `id` says when it was left. */
export function letter(id: string, fields: Partial<DeadLetterRecord> = {}): DeadLetterRecord {
  const handler = { name: 'mailer', patterns: ['user.*', 'order.placed'] };
  const error = { name: 'RangeError', message: 'no room' };
  return { id, event: record('user.created'), handler, error, attempts: 3, failedAt: 1_700_000_000_000, ...fields };
}

/** Only stores that keep dead letters are asked about them. */
export function lettersOf({ deadLetters }: EventStore): DeadLetterStore {
  if (deadLetters === undefined) throw new Error('a store of this log keeps dead letters and another does not');
  return deadLetters;
}

export async function letterIds(store: EventStore): Promise<readonly string[]> {
  return (await lettersOf(store).list()).map(({ id }) => id);
}

export async function readAll(store: EventStore, query?: HistoryQuery): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const stored of store.read(query)) found.push(stored);
  return found;
}

export async function readIds(store: EventStore, query?: HistoryQuery): Promise<readonly string[]> {
  return (await readAll(store, query)).map((stored) => stored.record.id);
}

export function ids(of: readonly EventRecord[]): readonly string[] {
  return of.map(({ id }) => id);
}

/** @throws Error when two plain values differ */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

/** @throws Error when numbers do not rise from each to the next */
export function expectRising(offsets: readonly number[], what: string): void {
  for (const [index, offset] of offsets.entries()) {
    const before = index === 0 ? Number.NEGATIVE_INFINITY : (offsets[index - 1] ?? Number.NaN);
    if (!(offset > before)) throw new Error(`${what}: offset ${offset} follows ${before}`);
  }
}

/** The error that `work` fails with. @throws Error when it does not fail, or with another kind of error */
export async function expectFailure(work: () => Promise<unknown>, name: string): Promise<Error> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  if (error instanceof Error && error.name === name) return error;
  throw new Error(`expected a failure with ${name}, got ${error === undefined ? 'none' : String(error)}`, {
    cause: error,
  });
}
