import { CodecError, SerializationError } from '../../index.js';
import { fromBase64Url, toBase64Url } from './base64url.js';
import { isKeyId, type Keyring } from './keyring.js';
import { webCrypto } from './web-crypto.js';

declare const content: unique symbol;

/**
 * Data that only who has the key can read: plain text fields, the same in JSON and in a structured clone. `T` is the
 * type of what is in it.
 */
export interface Sealed<T = unknown> {
  /** Version of this form. */
  readonly v: 1;
  /** AES-256 in Galois/Counter Mode, as RFC 7518 §5.3 names it. */
  readonly alg: 'A256GCM';
  /** Id of the key. */
  readonly kid: string;
  /** The nonce, 96 random bits, in base64url. */
  readonly iv: string;
  /** What was encrypted, and behind it the tag of 128 bits, in base64url. */
  readonly ct: string;
  /** Never there: it lets the compiler remember what is in it. */
  readonly [content]?: T;
}

export const CODEC = 'aes-gcm';

/** NIST SP 800-38D §8.2.2 has random nonces of 96 bits at least; §5.2.1.2 the longest tag. */
const NONCE_BYTES = 12;
const TAG_BITS = 128;
const fields = ['v', 'alg', 'kid', 'iv', 'ct'] as const;

/**
 * Encrypts a text with the current key. `context` is what it belongs to, of a form that no other use has: who changes
 * one of the two cannot open it any more.
 */
export async function sealText(keys: Keyring, type: string, text: string, context: string): Promise<Sealed> {
  try {
    const sealing = await keys.sealing();
    if (sealing === undefined) {
      const problem = 'cannot be sealed, as the current key has sealed as many events as one key may';
      throw new CodecError(CODEC, type, problem, 'Rotate: make a new key the current one');
    }
    const { id: kid, key } = sealing;
    const crypto = webCrypto();
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const ct = await crypto.subtle.encrypt(parameters(iv, kid, context), key, new TextEncoder().encode(text));
    return { v: 1, alg: 'A256GCM', kid, iv: toBase64Url(iv), ct: toBase64Url(new Uint8Array(ct)) };
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(CODEC, type, 'could not be sealed', 'Look at its cause', error);
  }
}

/** What {@link sealText} was given; undefined when the ring lacks the key. Whatever else is wrong is the same error. */
export async function openText(
  keys: Keyring,
  type: string,
  sealed: Sealed,
  context: string,
): Promise<string | undefined> {
  const key = await keyOf(keys, type, sealed.kid);
  if (key === undefined) return undefined;
  const iv = fromBase64Url(sealed.iv);
  const ct = fromBase64Url(sealed.ct);
  if (iv?.length !== NONCE_BYTES || ct === undefined) throw changed(type);
  // Outside of the try: to lack cryptography is nobody's forgery.
  const { subtle } = webCrypto();
  try {
    const bytes = await subtle.decrypt(parameters(iv, sealed.kid, context), key, ct);
    return new TextDecoder().decode(bytes);
  } catch {
    throw changed(type);
  }
}

/** Whether a value has the form of a sealed one, and nothing more: what is beside it would be bound by nothing. */
export function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null || Reflect.ownKeys(value).length !== fields.length) return false;
  const { v, alg, kid, iv, ct } = value as Record<string, unknown>;
  return v === 1 && alg === 'A256GCM' && isKeyId(kid) && typeof iv === 'string' && typeof ct === 'string';
}

/** One error for all that can have happened: who tries to forge learns nothing from it, so it has no cause either. */
export function changed(type: string): CodecError {
  return new CodecError(
    CODEC,
    type,
    'was changed since it was sealed, or sealed with other bytes for the same key id',
    'Give every node the same keys, and look at who else can write there',
  );
}

/** What JSON makes of a value, which was found to be faithful but may still be too much for it. */
export function toJson(type: string, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new SerializationError(type, 'data', 'too large, or too deep, for JSON', 0, error);
  }
}

async function keyOf(keys: Keyring, type: string, kid: string): Promise<CryptoKey | undefined> {
  try {
    return await keys.opening(kid);
  } catch (error) {
    throw new CodecError(CODEC, type, 'could not be opened, as keys cannot be read', 'Look at its cause', error);
  }
}

/** No key id has a space in it, so the parts of the additional data cannot run into each other. */
function parameters(iv: Uint8Array<ArrayBuffer>, kid: string, context: string): AesGcmParams {
  const additionalData = new TextEncoder().encode(`crosstown 1 A256GCM ${kid} ${context}`);
  return { name: 'AES-GCM', iv, additionalData, tagLength: TAG_BITS };
}
