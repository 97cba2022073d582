import { expect, it } from 'vitest';
import { CodecError, StoreError } from '../../index.js';
import { aesGcm, storedKeyring } from '../aes-gcm.js';
import { fullRecord, rejection, ring } from './sealing.test.kit.js';

it('G6 says what is missing where there is no IndexedDB, and what to use', async () => {
  const keys = storedKeyring({ name: 'nowhere' });
  const text =
    /The store "crosstown-keys:nowhere" failed to open\. There is no IndexedDB .*: keep keys .*keyring\(\)\./;
  for (const call of ['rotate', 'ids', 'sealing', 'opening'] as const) {
    const error = await rejection(keys[call]('k1'));
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).message).toMatch(text);
  }
  const codec = aesGcm({ keys });
  const sealed = await aesGcm({ keys: ring() }).encode(fullRecord());
  for (const call of [() => codec.encode(fullRecord()), () => codec.decode(sealed)]) {
    const error = await rejection(call());
    expect(error).toBeInstanceOf(CodecError);
    expect((error as CodecError).cause).toBeInstanceOf(StoreError);
  }
});
