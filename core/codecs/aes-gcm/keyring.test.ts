import { describe, expect, it } from 'vitest';
import { CodecError, InvalidOptionError } from '../../index.js';
import { aesGcm, keyring, type Sealed, seal } from '../aes-gcm.js';
import { fullRecord, rawKey, rejection, ring } from './sealing.test.kit.js';

const aes = (length: 128 | 256, extractable = false): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length }, extractable, ['encrypt', 'decrypt']);

describe('rotation', () => {
  it('G6 has new events take the new key, and old ones still open', async () => {
    const keys = ring();
    const codec = aesGcm({ keys });
    const before = await codec.encode(fullRecord());
    keys.add('k2', rawKey(2));
    const between = await codec.encode(fullRecord());
    keys.use('k2');
    const after = await codec.encode(fullRecord());
    expect([before, between, after].map(({ data }) => (data as Sealed).kid)).toEqual(['k1', 'k1', 'k2']);
    for (const sealed of [before, between, after]) expect(await codec.decode(sealed)).toStrictEqual(fullRecord());
    expect([keys.ids, keys.current]).toEqual([['k1', 'k2'], 'k2']);
  });

  it('G6 leaves sealed what a key sealed that was removed', async () => {
    const keys = ring();
    const codec = aesGcm({ keys });
    const sealed = await codec.encode(fullRecord());
    keys.add('k2', rawKey(2));
    keys.use('k2');
    expect([keys.remove('k1'), keys.remove('k1'), keys.ids]).toEqual([true, false, ['k2']]);
    expect(await codec.decode(sealed)).toBe(sealed);
    keys.add('k1', rawKey(1));
    expect(await codec.decode(sealed)).toStrictEqual(fullRecord());
  });

  it('G6 that comes while something is being sealed changes nothing of that', async () => {
    const keys = ring();
    const codec = aesGcm({ keys });
    const sealing = codec.encode(fullRecord());
    keys.add('k2', rawKey(2));
    keys.use('k2');
    keys.remove('k1');
    expect((await sealing).data).toHaveProperty('kid', 'k1');
  });
});

describe('a keyring', () => {
  it('G6 imports raw keys as keys that cannot be exported, and needs the bytes no longer than its making', async () => {
    const raw = rawKey(1);
    const keys = keyring({ current: 'k1', keys: { k1: raw } });
    raw.fill(0);
    const { id, key } = (await keys.sealing()) ?? {};
    expect([id, key?.extractable]).toEqual(['k1', false]);
    for (const format of ['raw', 'jwk'] as const) {
      expect(await rejection(crypto.subtle.exportKey(format, key as CryptoKey))).toHaveProperty(
        'name',
        expect.stringMatching('InvalidAccess'),
      );
    }
    const sealed = await aesGcm({ keys }).encode(fullRecord());
    expect(await aesGcm({ keys: ring(1) }).decode(sealed)).toStrictEqual(fullRecord());
    expect(await keys.opening('k1')).toBe(key);
  });

  it('G6 takes keys of the platform as they are', async () => {
    const key = await aes(256);
    const keys = keyring({ current: 'made', keys: { made: key } });
    expect(await keys.opening('made')).toBe(key);
    const codec = aesGcm({ keys });
    expect(await codec.decode(await codec.encode(fullRecord()))).toStrictEqual(fullRecord());
  });

  it('G6 has ids that are names of built-in properties like any other', async () => {
    const keys = keyring({ current: 'constructor', keys: { constructor: rawKey(1) } as never });
    expect(await keys.opening('toString')).toBeUndefined();
    expect(await aesGcm({ keys }).encode(fullRecord())).toHaveProperty('data.kid', 'constructor');
  });

  it('G6 refuses a key once it has sealed as much as it may, and names the remedy', async () => {
    const keys = keyring({ current: 'k1', keys: { k1: rawKey(1), k2: rawKey(2) }, maxSealed: 3 });
    const codec = aesGcm({ keys });
    const sealed = await codec.encode(fullRecord());
    await codec.encode(fullRecord());
    await seal(keys, 'card.encrypted', 1);
    for (const call of [() => codec.encode(fullRecord()), () => seal(keys, 'card.encrypted', 1)]) {
      const error = await rejection(call());
      expect(error).toBeInstanceOf(CodecError);
      expect((error as CodecError).message).toMatch(/as many events as one key may\. Rotate: make a new key/);
      expect((error as CodecError).cause).toBeUndefined();
    }
    expect(await codec.decode(sealed)).toStrictEqual(fullRecord());
    keys.use('k2');
    expect(await codec.encode(fullRecord())).toHaveProperty('data.kid', 'k2');
    keys.use('k1');
    expect(await rejection(codec.encode(fullRecord()))).toBeInstanceOf(CodecError);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN, '3'])('G6 does not let a key seal %j events', (maxSealed) => {
    const options = { current: 'k1', keys: { k1: rawKey(1) }, maxSealed: maxSealed as number };
    expect(() => keyring(options)).toThrow('Give it a whole number from 1 to 2^32.');
  });

  it.each(['', ' ', 'a b', 'k'.repeat(65), 'schlüssel', 'a/b', 'k1\n'])('G6 takes no key by the id %j', (id) => {
    expect(() => ring().add(id, rawKey(2))).toThrow(InvalidOptionError);
    expect(() => keyring({ current: id, keys: { [id]: rawKey(2) } })).toThrow(InvalidOptionError);
  });

  it('G6 refuses what is no key, and shows nothing of it', async () => {
    const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const half = await crypto.subtle.importKey('raw', rawKey(1) as BufferSource, 'AES-GCM', false, ['decrypt']);
    const bad = [new Uint8Array(16), 'c2VjcmV0', [1, 2], hmac, half, await aes(128), null, undefined, {}, 12_345];
    for (const key of bad) {
      const add = (): void => ring().add('k2', key as never);
      expect(add).toThrow(InvalidOptionError);
      expect(add).toThrow(/^\[crosstown\] keys\.k2 is .*\. Give it 32 bytes/);
      expect(add).not.toThrow(/c2VjcmV0|12345/);
    }
  });

  it('G6 keeps the current key, and replaces none', () => {
    const keys = ring();
    expect(() => keys.remove('k1')).toThrow('use() another first');
    expect(() => keys.use('k2')).toThrow('current is "k2". Give it the id of a key in the ring');
    expect(() => keys.add('k1', rawKey(2))).toThrow('as the ring has that one');
    expect(() => keyring({ current: 'k2', keys: { k1: rawKey(1) } })).toThrow('current is "k2"');
    expect(() => keyring({ current: 'k1', keys: null as never })).toThrow('Give it keys by their ids');
    expect(keys.ids).toEqual(['k1']);
  });
});
