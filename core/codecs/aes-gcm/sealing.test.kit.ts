import { CodecError, type EventRecord } from '../../index.js';
import { keyring, type MemoryKeyring } from './keyring.js';

/** 32 bytes that tell one key from another in a test. */
export function rawKey(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

/** A ring with one key, `k1`. */
export function ring(byte = 1): MemoryKeyring {
  return keyring({ current: 'k1', keys: { k1: rawKey(byte) } });
}

/** A record with every field that an event can have when it leaves its node. */
export function fullRecord(fields: Partial<EventRecord> = {}): EventRecord {
  return {
    v: 1,
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    type: 'card.encrypted',
    timestamp: 1_750_000_000_000,
    source: 'shop',
    correlationId: '01890a5d-ac96-774b-bcce-b302099a8001',
    causationId: '01890a5d-ac96-774b-bcce-b302099a8002',
    data: { number: '4111 1111 1111 1111', cvc: 123, tags: ['a', null, true] },
    metadata: { tenant: 'north', trace: { span: 7 } },
    priority: 3,
    node: 'node-a',
    seq: 42,
    ttlMs: 60_000,
    request: true,
    ofError: true,
    ...fields,
  };
}

/** How records travel. */
export const carriers = {
  'structured clone': <T>(value: T): T => structuredClone(value),
  JSON: <T>(value: T): T => JSON.parse(JSON.stringify(value)),
} as const;

/** What a promise rejects with. */
export async function rejection(promise: unknown): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not reject');
}

/** All that an error tells, so that two of them can be compared. */
export function told(error: unknown): unknown {
  if (!(error instanceof CodecError)) return error;
  const { name, message, code, codec, type, cause } = error;
  return { name, message, code, codec, type, cause, own: Object.keys(error).sort() };
}
