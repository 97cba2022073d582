import { open, type Sealed, type StoredKeyring, seal, storedKeyring } from '../aes-gcm.js';

/** What a test asks of a worker: to seal a text with the keys of a name, or to open one. */
export interface Task {
  readonly name: string;
  readonly text?: string;
  readonly sealed?: Sealed<string>;
}

/** Lives as long as the worker: keys that are known are not looked up again. */
const rings = new Map<string, StoredKeyring>();

async function work({ name, text, sealed }: Task): Promise<unknown> {
  const keys = rings.get(name) ?? storedKeyring({ name });
  rings.set(name, keys);
  return sealed === undefined ? seal(keys, 'a.encrypted', text) : open(keys, { type: 'a.encrypted', data: sealed });
}

self.onmessage = ({ data }: MessageEvent<Task>) => {
  work(data).then(
    (result) => self.postMessage({ result }),
    (error: Error) => self.postMessage({ error: error.message }),
  );
};
