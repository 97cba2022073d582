import { type Codec, CodecError, compilePattern, type EventRecord, InvalidOptionError } from '../index.js';
import { assertSealable, boundContext, contextOf } from './aes-gcm/envelope.js';
import type { Keyring } from './aes-gcm/keyring.js';
import { CODEC, changed, isSealed, openText, sealText, toJson } from './aes-gcm/sealed.js';

export { type Opened, open, seal } from './aes-gcm/by-hand.js';
export { keyFromPassphrase, keyFromSecret, type PassphraseOptions, type SecretOptions } from './aes-gcm/derive.js';
export {
  type Keyring,
  type KeyringOptions,
  keyring,
  type MemoryKeyring,
  type SealingKey,
} from './aes-gcm/keyring.js';
export type { Sealed } from './aes-gcm/sealed.js';
export { type StoredKeyring, type StoredKeyringOptions, storedKeyring } from './aes-gcm/stored-keyring.js';

/** What {@link aesGcm} seals, and with what. */
export interface AesGcmOptions {
  readonly keys: Keyring;
  /**
   * Patterns of the events whose data is sealed; `**.encrypted` by default, which is every type whose last segment is
   * `encrypted`, however many there are before it.
   */
  readonly patterns?: string | readonly string[];
}

/** What is encrypted of a record. */
interface Content {
  /** Its data; absent when that is undefined. */
  readonly d?: unknown;
  /** What `encrypted` was in its metadata, when somebody else had a use for that name. */
  readonly e?: unknown;
}

/**
 * A codec that seals the data of events where they leave the node, for stores and transports, and opens it where they
 * arrive: AES-256-GCM (NIST SP 800-38D) by WebCrypto, with a random nonce of 96 bits for each record. Handlers see plain
 * data; on a node without the key `data` is a {@link Sealed} and `metadata.encrypted` is true.
 *
 * Everything else stays readable, and so does the length of the data, but all of it is bound to the data: type, id, time,
 * source, causes, priority, metadata, node and sequence. Who changes any of it, or sends plain data under a type that is
 * covered, is refused with a `CodecError`; who repeats or withholds whole records is not noticed here.
 *
 * Data and metadata have to be what JSON carries as it is, or undefined: a `Date`, say, is refused by name with a
 * `SerializationError`.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * const keys = keyring({ current: 'k1', keys: { k1: crypto.getRandomValues(new Uint8Array(32)) } });
 * const bus = createEventBus({ codecs: [aesGcm({ keys, patterns: ['payment.**', '**.encrypted'] })] });
 */
export function aesGcm(options: AesGcmOptions): Codec {
  const { keys, patterns = '**.encrypted' } = options;
  if (typeof keys?.sealing !== 'function' || typeof keys.opening !== 'function') {
    throw new InvalidOptionError('keys', typeof keys, 'a keyring() or a storedKeyring()');
  }
  if (typeof patterns !== 'string' && !(Array.isArray(patterns) && patterns.length > 0)) {
    throw new InvalidOptionError('patterns', patterns, 'a pattern or a list of patterns');
  }
  const covers = compilePattern(patterns);
  return {
    name: CODEC,
    covers,
    async encode(record) {
      const { type, data, metadata } = record;
      // All of it is read before anything is waited for: handlers may change the data meanwhile.
      assertSealable(record);
      const text = toJson(type, { d: data, e: metadata['encrypted'] } satisfies Content);
      const sealed = { ...record, metadata: { ...metadata, encrypted: true } };
      return { ...sealed, data: await sealText(keys, type, text, contextOf(sealed)) };
    },
    async decode(record) {
      const { type, data, metadata } = record;
      if (metadata?.['encrypted'] !== true) return asPlain(record, covers);
      const context = boundContext(record);
      if (!isSealed(data) || context === undefined) throw changed(type);
      const text = await openText(keys, type, data, context);
      if (text === undefined) return record;
      const { d, e } = JSON.parse(text) as Content;
      const { encrypted: _, ...own } = metadata;
      return { ...record, data: d, metadata: e === undefined ? own : { ...own, encrypted: e } };
    },
  };
}

/** A record that says it is not sealed, where that may be. */
function asPlain(record: EventRecord, covers: (type: string) => boolean): EventRecord {
  const { type, data } = record;
  if (!covers(type)) return record;
  if (isSealed(data)) throw changed(type);
  const remedy = 'Give every node that emits such events this codec';
  throw new CodecError(CODEC, type, 'is plain, and events of its type have to be sealed', remedy);
}
