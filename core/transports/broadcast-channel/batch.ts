import type { EventRecord } from '../../index.js';

/**
 * Records as one message: what they share is said once, and a record that is like most is a row of six values. Copying
 * a small event that way costs a third less than copying its record.
 */
interface Batch {
  /** Version of this form. */
  readonly crosstown: 1;
  readonly node: string | undefined;
  readonly source: string | undefined;
  readonly store: string | undefined;
  readonly rows: readonly Row[];
}

type Row = readonly [
  id: string,
  type: string,
  timestamp: number,
  data: unknown,
  seq: number | undefined,
  offset: number | undefined,
  rest?: Rest,
];

/** The fields of a record that its row does not tell, and that are not as in most records. */
type Rest = { -readonly [K in keyof EventRecord]?: EventRecord[K] | undefined };

/** A longer message is not one of ours: a length alone costs its sender nothing. */
const MOST_ROWS = 10_000;

export function packBatch(records: readonly EventRecord[]): Batch {
  const { node, source, store } = records[0] ?? {};
  const rows = records.map((record): Row => {
    const { id, type, timestamp, data, seq, offset } = record;
    const rest: Rest = {};
    if (record.correlationId !== id) rest.correlationId = record.correlationId;
    if (record.causationId !== undefined) rest.causationId = record.causationId;
    if (record.priority !== 0) rest.priority = record.priority;
    if (record.node !== node) rest.node = record.node;
    if (record.source !== source) rest.source = record.source;
    if (record.store !== (offset === undefined ? undefined : store)) rest.store = record.store;
    if (!isEmpty(record.metadata)) rest.metadata = record.metadata;
    return isEmpty(rest) ? [id, type, timestamp, data, seq, offset] : [id, type, timestamp, data, seq, offset, rest];
  });
  return { crosstown: 1, node, source, store, rows };
}

/** The records of a message, unchecked; a message that is no batch, as it is. */
export function unpackBatch(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const { crosstown, node, source, store, rows } = message as { [K in keyof Batch]?: unknown };
  if (crosstown !== 1 || !Array.isArray(rows) || rows.length > MOST_ROWS) return message;
  return Array.from(rows, (row: unknown) => {
    if (!Array.isArray(row)) return row;
    const [id, type, timestamp, data, seq, offset, rest] = row as readonly unknown[];
    const record = { v: 1, id, type, timestamp, source, correlationId: id, data, metadata: {}, priority: 0, node, seq };
    if (offset === undefined && rest === undefined) return record;
    return { ...record, ...(offset === undefined ? undefined : { store, offset }), ...(rest as Rest | undefined) };
  });
}

function isEmpty(fields: object): boolean {
  for (const _ in fields) return false;
  return true;
}
