import { InvalidOptionError } from '../../index.js';
import { webCrypto } from './web-crypto.js';

/** What {@link keyFromPassphrase} stretches a passphrase with. */
export interface PassphraseOptions {
  /** 16 random bytes or more, kept beside what is sealed: they are no secret, but the same for each derivation. */
  readonly salt: Uint8Array;
  /** Rounds; 600,000 by default, and no fewer. More are as much slower, for you and for who guesses. */
  readonly iterations?: number;
}

/** What {@link keyFromSecret} derives a key for. */
export interface SecretOptions {
  /** Random bytes that are no secret; none by default, which is as good for a secret that is uniformly random. */
  readonly salt?: Uint8Array;
  /** What the key is for, like `shop events 2026`: other words make another key of the same secret. */
  readonly info: string | Uint8Array;
}

/** Of the OWASP Password Storage Cheat Sheet, for PBKDF2-HMAC-SHA256. */
const FEWEST_ITERATIONS = 600_000;

/**
 * A key for a {@link keyring} from what a person remembers: PBKDF2 (RFC 8018 §5.2) with HMAC-SHA-256 and 600,000 rounds,
 * as the OWASP Password Storage Cheat Sheet asks for; some 0.1 to 0.5 s. The key, of 256 bits, cannot be exported. The
 * passphrase is put in Unicode's form NFC, so that it does not matter which keyboard composed an `é`. It protects no better
 * than the passphrase: who has something sealed can guess at it for ever. Cloudflare Workers allow 100,000 rounds at most
 * (workerd#1346), which is too few: derive the key elsewhere.
 *
 * @throws rejects with InvalidOptionError
 * @example
 * const salt = crypto.getRandomValues(new Uint8Array(16)); // once; keep it
 * const keys = keyring({ current: 'mine', keys: { mine: await keyFromPassphrase('correct horse battery', { salt }) } });
 */
export async function keyFromPassphrase(passphrase: string, options: PassphraseOptions): Promise<CryptoKey> {
  const { salt, iterations = FEWEST_ITERATIONS } = options;
  if (typeof passphrase !== 'string' || passphrase === '') {
    // Its kind alone: what was given by mistake may be a secret, too.
    throw new InvalidOptionError('passphrase', passphrase === '' ? '' : typeof passphrase, 'a text that is not empty');
  }
  assertBytes('salt', salt, 16);
  if (!(Number.isSafeInteger(iterations) && iterations >= FEWEST_ITERATIONS && iterations < 2 ** 32)) {
    throw new InvalidOptionError('iterations', iterations, 'a whole number from 600000 (OWASP) to 4294967295');
  }
  const secret = new TextEncoder().encode(passphrase.normalize('NFC'));
  try {
    return await derive(secret, { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(salt), iterations });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'NotSupportedError')) throw error;
    throw new InvalidOptionError('iterations', iterations, 'a runtime that allows them, and derive the key there');
  }
}

/**
 * A key for a {@link keyring} from a secret that is random already, such as one of a key service or a key agreement: HKDF
 * (RFC 5869) with SHA-256, at once. The key, of 256 bits, cannot be exported. Not for passphrases.
 *
 * @param secret 16 bytes or more; 32 for the full strength of the key
 * @throws rejects with InvalidOptionError
 * @example
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const keys = keyring({ current: 'k1', keys: { k1: await keyFromSecret(secret, { info: 'shop events' }) } });
 */
export async function keyFromSecret(secret: Uint8Array, options: SecretOptions): Promise<CryptoKey> {
  const { salt = new Uint8Array(), info } = options;
  assertBytes('secret', secret, 16);
  assertBytes('salt', salt, 0);
  const isText = typeof info === 'string';
  if (!isText) assertBytes('info', info, 0);
  const context = isText ? new TextEncoder().encode(info) : new Uint8Array(info);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(salt), info: context };
  return derive(new Uint8Array(secret), algorithm);
}

async function derive(secret: Uint8Array<ArrayBuffer>, algorithm: Pbkdf2Params | HkdfParams): Promise<CryptoKey> {
  const { subtle } = webCrypto();
  const material = await subtle.importKey('raw', secret, algorithm.name, false, ['deriveKey']);
  return subtle.deriveKey(algorithm, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function assertBytes(option: string, bytes: unknown, fewest: number): void {
  if (bytes instanceof Uint8Array && bytes.length >= fewest) return;
  const what = bytes instanceof Uint8Array ? `${bytes.length} bytes` : typeof bytes;
  throw new InvalidOptionError(option, what, fewest === 0 ? 'a Uint8Array' : `a Uint8Array of ${fewest} bytes or more`);
}
