import { InvalidOptionError } from '../../index.js';
import { toBase64Url } from './base64url.js';
import { KeyDatabase, type StoredKey } from './key-database.js';
import { type Keyring, SealCount } from './keyring.js';
import { webCrypto } from './web-crypto.js';

/** Where {@link storedKeyring} keeps its keys. */
export interface StoredKeyringOptions {
  /** Names the keys; rings of one origin with the same name share them. The database is `crosstown-keys:` and this name. */
  readonly name: string;
  /** Within how many milliseconds a new key that another tab made seals here, too; 10,000 by default. */
  readonly refreshMs?: number;
  /** As for {@link keyring}; counted for each ring, and anew when it is made anew. 2^32 by default. */
  readonly maxSealed?: number;
}

/** Keys that a browser keeps for an origin. */
export interface StoredKeyring extends Keyring {
  /** The ids of the keys, the newest, which seals, at the end. @throws rejects with StoreError */
  ids(): Promise<readonly string[]>;
  /** Makes a new key, which seals from now on, and resolves with its id; the others still open. @throws rejects with StoreError */
  rotate(): Promise<string>;
}

/** More ids that nobody has than an honest neighbour would send. */
const MOST_MISSING = 1_000;

/**
 * Keys that the browser makes and keeps, of 256 bits, which no script can export: not even one that an attacker brings into
 * the page can carry them off, though it can use them while it runs. All tabs and workers of the origin share them. The
 * first use opens the database, and makes a key where there is none; tabs that begin at once end with the same.
 *
 * After {@link StoredKeyring.rotate} other tabs seal with the new key as soon as they meet something that it sealed, or
 * within `refreshMs`: the first event to be sealed after that reads the database again. A key id that is unknown is looked
 * up there once. When the browser discards the data of the origin the keys are gone, and so is what they sealed.
 *
 * @throws InvalidOptionError; where there is no IndexedDB, calls reject with StoreError
 * @example
 * const keys = storedKeyring({ name: 'shop' });
 * const bus = createEventBus({ store: indexedDbStore({ name: 'shop' }), codecs: [aesGcm({ keys })] });
 * await keys.rotate();
 */
export function storedKeyring(options: StoredKeyringOptions): StoredKeyring {
  const { name, refreshMs = 10_000, maxSealed } = options;
  if (typeof name !== 'string' || name === '') throw new InvalidOptionError('name', name, 'a name for the keys');
  if (!(refreshMs >= 0)) throw new InvalidOptionError('refreshMs', refreshMs, 'a number of milliseconds from 0 on');
  const database = new KeyDatabase(`crosstown-keys:${name}`);
  const count = new SealCount(maxSealed);
  const known = new Map<string, StoredKey>();
  const missing = new Set<string>();
  let current: StoredKey | undefined;
  let readAt = 0;
  let reading: Promise<StoredKey> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** The newest of all keys there are: not of all that are known, as the database may have been deleted meanwhile. */
  const learn = (rows: readonly StoredKey[]): StoredKey => {
    for (const row of rows) known.set(row.id, row);
    current = rows.reduce((newest, row) => (row.n > newest.n ? row : newest));
    readAt = performance.now();
    return current;
  };
  const make = async (asFirst: boolean): Promise<StoredKey> => {
    const crypto = webCrypto();
    const id = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
    // Before the transaction, which would be over while this is waited for.
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    return learn(await database.add(id, key, asFirst));
  };
  const read = async (): Promise<StoredKey> => {
    const rows = await database.all();
    return rows.length > 0 ? learn(rows) : make(true);
  };
  /** One after the other, so that what is learned last is the latest. */
  const inTurn = (work: () => Promise<StoredKey>): Promise<StoredKey> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  const readOnce = (): Promise<StoredKey> => {
    reading ??= inTurn(read).finally(() => {
      reading = undefined;
    });
    return reading;
  };
  /** The key that seals; the one that is known where the database cannot be read again. */
  const newest = async (): Promise<StoredKey> => {
    const last = current;
    if (last === undefined) return readOnce();
    if (performance.now() - readAt < refreshMs) return last;
    return readOnce().catch(() => {
      readAt = performance.now();
      return last;
    });
  };

  return {
    async ids() {
      const rows = await database.all();
      return rows.sort((a, b) => a.n - b.n).map(({ id }) => id);
    },
    async rotate() {
      return (await inTurn(() => make(false))).id;
    },
    async sealing() {
      const { id, key } = await newest();
      return count.take(id) ? { id, key } : undefined;
    },
    async opening(id) {
      const row = known.get(id);
      if (row !== undefined || missing.has(id)) return row?.key;
      const found = await database.get(id);
      if (found === undefined) {
        // A key is on the disk before it is used, so what is not there will not come.
        if (missing.size >= MOST_MISSING) missing.delete(missing.values().next().value as string);
        missing.add(id);
        return undefined;
      }
      known.set(id, found);
      // Which is the newest of all is not known before all were read.
      if (current !== undefined && found.n > current.n) current = found;
      return found.key;
    },
  };
}
