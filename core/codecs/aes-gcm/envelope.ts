import { type EventRecord, findPayloadFault, SerializationError } from '../../index.js';

/**
 * Everything of a record but its data, as the additional data of its encryption: who changes one of these fields, or puts
 * the sealed data into another record, has made something that does not open. `store` and `offset` are left out, as they
 * are known only when the record is sealed already.
 *
 * The JSON text of an array is enough to make it deterministic. The fields are texts, numbers and flags at fixed places,
 * so two records share a text only when they share the fields; ECMA-262 fixes how numbers are printed and in which order
 * keys are; and both structured clone and JSON keep the order of keys. So the text is the same before and after the way.
 */
export function contextOf(record: EventRecord): string {
  return `record ${JSON.stringify([...scalarsOf(record), record.metadata])}`;
}

/** Throws unless the data of a record, and its metadata, are what JSON carries as it is. */
export function assertSealable(record: EventRecord): void {
  const fault = findPayloadFault({ ...record, metadata: presentIn(record.metadata) }, 'json');
  if (fault !== undefined) throw new SerializationError(record.type, fault.path, fault.problem);
}

/**
 * The same for a record that arrives; undefined when it holds what JSON prints like something else, such as any Map like
 * an empty object: where records travel by structured clone, it could have been exchanged for that.
 */
export function boundContext(record: EventRecord): string | undefined {
  const areScalars = scalarsOf(record).every((value) => value === undefined || isScalar(value));
  const metadata = presentIn(record.metadata);
  return areScalars && findPayloadFault({ ...record, data: null, metadata }, 'json') === undefined
    ? contextOf(record)
    : undefined;
}

function scalarsOf(record: EventRecord): readonly unknown[] {
  const { v, id, type, timestamp, source, correlationId, causationId, priority } = record;
  const { node, seq, ttlMs, request, ofError } = record;
  return [v, id, type, timestamp, source, correlationId, causationId, priority, node, seq, ttlMs, request, ofError];
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** What is undefined is lost on the way through JSON, kept by structured clone, and never there for the context. */
function presentIn(metadata: EventRecord['metadata']): EventRecord['metadata'] {
  if (typeof metadata !== 'object' || metadata === null || !Object.values(metadata).includes(undefined))
    return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}
