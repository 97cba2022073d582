import type { EventRecord } from '../event/event.js';
import { isEventType } from '../event/pattern.js';
import type { DropReason } from '../inspection.js';
import { approximateBytes } from './payload-size.js';

/** A record that has left its node; greetings carry the sequence of the last one. */
export type SentRecord = EventRecord & { readonly node: string; readonly seq: number };

/**
 * What arrived, with each field read once: a getter or a proxy could tell the check one thing, and whoever uses the
 * record another. What is no object is what it was.
 */
export function readOnce(candidate: unknown): unknown {
  if (typeof candidate !== 'object' || candidate === null) return candidate;
  const { v, id, type, timestamp, source, correlationId, causationId, data, metadata, priority } =
    candidate as EventRecord;
  const { node, seq, ttlMs, request, ofError, store, offset } = candidate as EventRecord;
  const own = isMetadata(metadata) ? Object.freeze({ ...metadata }) : metadata;
  const common = { v, id, type, timestamp, source, correlationId, causationId, data, metadata: own, priority };
  return { ...common, node, seq, ttlMs, request, ofError, store, offset };
}

/**
 * Why something that arrived is not a record this version can take (T5); undefined when it is one. `whole` is what is
 * weighed, where that has more than the record.
 */
export function recordFault(candidate: unknown, maxBytes: number, whole: unknown = candidate): DropReason | undefined {
  if (typeof candidate !== 'object' || candidate === null) return 'malformed';
  const record = candidate as Record<keyof EventRecord, unknown>;
  if (typeof record.v === 'number' && record.v !== 1) return 'unsupported-version';
  const wellFormed =
    record.v === 1 &&
    isText(record.id) &&
    isEventType(record.type) &&
    isTime(record.timestamp) &&
    isText(record.source) &&
    isText(record.correlationId) &&
    (record.causationId === undefined || isText(record.causationId)) &&
    isMetadata(record.metadata) &&
    Number.isFinite(record.priority) &&
    isText(record.node) &&
    isCount(record.seq) &&
    (record.ttlMs === undefined || isTtl(record.ttlMs)) &&
    (record.request === undefined || record.request === true) &&
    (record.ofError === undefined || record.ofError === true) &&
    (record.store === undefined || isText(record.store)) &&
    (record.offset === undefined || isCount(record.offset));
  if (!wellFormed) return 'malformed';
  const fits = maxBytes === Number.POSITIVE_INFINITY || approximateBytes(whole, maxBytes) <= maxBytes;
  return fits ? undefined : 'too-large';
}

/** What a `Date` can hold (ECMA-262 §21.4.1.1). */
function isTime(value: unknown): boolean {
  return Number.isFinite(value) && Math.abs(value as number) <= 8.64e15;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 256;
}

function isTtl(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMetadata(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
