import { InvalidOptionError } from '../../index.js';
import { webCrypto } from './web-crypto.js';

/** A key and the id that what it seals names it by. */
export interface SealingKey {
  readonly id: string;
  /** AES-GCM, 256 bits, for `encrypt` and `decrypt`. */
  readonly key: CryptoKey;
}

/** Where the codec, `seal` and `open` find keys: a {@link keyring}, a {@link storedKeyring}, or one of your own. */
export interface Keyring {
  /** The key that seals now, counted as used once more; undefined when it has sealed as much as it may. */
  sealing(): SealingKey | undefined | Promise<SealingKey | undefined>;
  /** The key of an id; undefined when there is none. */
  opening(id: string): CryptoKey | undefined | Promise<CryptoKey | undefined>;
}

/** What {@link keyring} begins with. */
export interface KeyringOptions {
  /** Id of the key that seals. */
  readonly current: string;
  /**
   * By id, the keys: 32 random bytes, or a `CryptoKey` for AES-GCM with 256 bits that may encrypt and decrypt. An id is 1
   * to 64 letters, digits, `_`, `-`, `.` or `:`; it travels in the clear.
   */
  readonly keys: Readonly<Record<string, CryptoKey | Uint8Array>>;
  /**
   * How many events this ring seals with one key before it refuses; 2^32 by default, the most that NIST SP 800-38D §8.3
   * allows one key with random nonces, over all who use it: divide it by the number of nodes that seal with that key.
   */
  readonly maxSealed?: number;
}

/** Keys in memory. */
export interface MemoryKeyring extends Keyring {
  /** The ids of its keys, in the order they were added. */
  readonly ids: readonly string[];
  /** Id of the key that seals. */
  readonly current: string;
  /** Adds a key, which opens what it sealed elsewhere. @throws InvalidOptionError */
  add(id: string, key: CryptoKey | Uint8Array): void;
  /** Has a key that was added seal from now on; the others still open. @throws InvalidOptionError */
  use(id: string): void;
  /** Forgets a key that is not the current one; what it sealed stays sealed. Returns whether there was one. @throws InvalidOptionError */
  remove(id: string): boolean;
}

/**
 * Keys in memory, given by the program: from its configuration, a key service, or derived from a passphrase. Raw bytes
 * are copied, imported as a key that cannot be exported when they are first needed, and forgotten.
 *
 * To rotate, `add` the new key on every node first, then `use` it. With random nonces of 96 bits a key is good for 2^32
 * events: the chance that two of them share a nonce, which would betray both, is below 2^-32 then (NIST SP 800-38D
 * §8.3). At 1,000 events a second that is 49 days.
 *
 * @throws InvalidOptionError
 * @example
 * const keys = keyring({ current: '2026-01', keys: { '2026-01': crypto.getRandomValues(new Uint8Array(32)) } });
 * const bus = createEventBus({ codecs: [aesGcm({ keys })] });
 * keys.add('2026-02', crypto.getRandomValues(new Uint8Array(32)));
 * keys.use('2026-02');
 */
export function keyring(options: KeyringOptions): MemoryKeyring {
  const entries = new Map<string, Uint8Array<ArrayBuffer> | CryptoKey | Promise<CryptoKey>>();
  const count = new SealCount(options.maxSealed);
  let current = options.current;
  const add = (id: string, key: CryptoKey | Uint8Array): void => {
    if (!isKeyId(id)) throw new InvalidOptionError('id', id, '1 to 64 letters, digits, "_", "-", "." or ":"');
    if (entries.has(id)) throw new InvalidOptionError('id', id, 'an id of its own, as the ring has that one');
    assertKey(id, key);
    entries.set(id, key instanceof Uint8Array ? new Uint8Array(key) : key);
  };
  const use = (id: string): void => {
    if (!entries.has(id)) throw new InvalidOptionError('current', id, 'the id of a key in the ring');
    current = id;
  };
  const opening = (id: string): CryptoKey | Promise<CryptoKey> | undefined => {
    const entry = entries.get(id);
    if (!(entry instanceof Uint8Array)) return entry;
    const importing = webCrypto().subtle.importKey('raw', entry, 'AES-GCM', false, ['encrypt', 'decrypt']);
    entries.set(id, importing);
    return importing.then((key) => {
      if (entries.get(id) === importing) entries.set(id, key);
      return key;
    });
  };
  if (typeof options.keys !== 'object' || options.keys === null) {
    throw new InvalidOptionError('keys', typeof options.keys, 'keys by their ids');
  }
  for (const [id, key] of Object.entries(options.keys)) add(id, key);
  use(current);
  return {
    get ids() {
      return [...entries.keys()];
    },
    get current() {
      return current;
    },
    add,
    use,
    remove(id) {
      if (id === current) throw new InvalidOptionError('id', id, 'another one, as that key seals: use() another first');
      return entries.delete(id);
    },
    async sealing() {
      const id = current;
      // An entry of the current key is always there: it cannot be removed.
      return count.take(id) ? { id, key: (await opening(id)) as CryptoKey } : undefined;
    },
    opening,
  };
}

/** Counts what each key has sealed. */
export class SealCount {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number = MOST_SEALED) {
    if (!(Number.isSafeInteger(most) && most > 0 && most <= MOST_SEALED)) {
      throw new InvalidOptionError('maxSealed', most, 'a whole number from 1 to 2^32');
    }
    this.#most = most;
  }

  /** Whether a key may seal once more; if so, it has. */
  take(id: string): boolean {
    const taken = this.#taken.get(id) ?? 0;
    if (taken >= this.#most) return false;
    this.#taken.set(id, taken + 1);
    return true;
  }
}

const MOST_SEALED = 2 ** 32;

/** Whether something can be the id of a key. */
export function isKeyId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w.:-]{1,64}$/.test(id);
}

/** The error says of a key what it is, never what is in it. */
function assertKey(id: string, key: unknown): void {
  const expected = '32 bytes as a Uint8Array, or a CryptoKey for AES-GCM with 256 bits that may encrypt and decrypt';
  if (key instanceof Uint8Array) {
    if (key.length === 32) return;
    throw new InvalidOptionError(`keys.${id}`, `${key.length} bytes`, expected);
  }
  // Not instanceof: a key may come from another window.
  const { algorithm, usages } = (key ?? {}) as { algorithm?: Partial<AesKeyAlgorithm>; usages?: readonly string[] };
  const isFit = algorithm?.name === 'AES-GCM' && algorithm.length === 256;
  if (isFit && usages?.includes('encrypt') && usages.includes('decrypt')) return;
  throw new InvalidOptionError(`keys.${id}`, algorithm === undefined ? typeof key : 'another kind of key', expected);
}
