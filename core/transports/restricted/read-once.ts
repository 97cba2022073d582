import type { EventRecord } from '../../index.js';

/** What arrived, each field read once and nothing else of it; undefined for what is no record at all. */
export function readOnce(
  candidate: unknown,
): (EventRecord & { readonly node: string; readonly seq: number }) | undefined {
  try {
    const { v, id, type, timestamp, source, correlationId, causationId, data, metadata } = candidate as EventRecord;
    const { priority, node, seq, ttlMs, request, ofError } = candidate as EventRecord;
    const texts = [id, type, source, node].every((text) => typeof text === 'string');
    if (!texts || node === undefined || seq === undefined || !Number.isSafeInteger(seq)) return undefined;
    const common = { v, id, type, timestamp, source, correlationId, data, metadata, priority, node, seq };
    return {
      ...common,
      ...(causationId !== undefined && { causationId }),
      ...(ttlMs !== undefined && { ttlMs }),
      ...(request !== undefined && { request }),
      ...(ofError !== undefined && { ofError }),
    };
  } catch {
    return undefined;
  }
}
