import { createCipheriv, hkdfSync, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../index.js';
import { aesGcm, keyFromPassphrase, keyFromSecret, keyring } from '../aes-gcm.js';
import { fullRecord, rejection } from './sealing.test.kit.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const salt = hex('000102030405060708090a0b0c0d0e0f');

/** Whether a key is the one that has these bytes: what it encrypts is what they encrypt elsewhere. */
async function encryptsLike(key: CryptoKey, bytes: Uint8Array): Promise<boolean> {
  const iv = new Uint8Array(12);
  const ours = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode('the same'));
  const cipher = createCipheriv('aes-256-gcm', bytes, iv);
  return Buffer.concat([cipher.update('the same'), cipher.final(), cipher.getAuthTag()]).equals(Buffer.from(ours));
}

describe('a key from a secret', () => {
  it.each([
    [
      'A.1',
      '0b'.repeat(22),
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    ],
    ['A.3', '0b'.repeat(22), '', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d'],
  ])('G6 is that of RFC 5869, test case %s', async (_, secret, saltOf, info, okm) => {
    const key = await keyFromSecret(hex(secret), { salt: hex(saltOf), info: hex(info) });
    expect(await encryptsLike(key, hex(okm))).toBe(true);
  });

  it('G6 is another for other words, and needs no salt', async () => {
    const secret = new Uint8Array(32).fill(7);
    const key = await keyFromSecret(secret, { info: 'größe' });
    const expected = new Uint8Array(hkdfSync('sha256', secret, '', 'größe', 32));
    expect(await encryptsLike(key, expected)).toBe(true);
    expect(await encryptsLike(await keyFromSecret(secret, { info: 'other' }), expected)).toBe(false);
  });

  it('G6 is refused for a secret that is short, and shows nothing of it', async () => {
    const bad: [unknown, object][] = [
      [new Uint8Array(15), { info: '' }],
      ['hunter2-hunter2-hunter2', { info: '' }],
      [salt, {}],
      [salt, { info: 5 }],
      [salt, { info: '', salt: 'salt' }],
    ];
    for (const [secret, options] of bad) {
      const error = await rejection(keyFromSecret(secret as Uint8Array, options as never));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as Error).message).not.toContain('hunter2');
    }
  });
});

describe('a key from a passphrase', () => {
  it('G6 is that of PBKDF2-HMAC-SHA-256 with 600,000 rounds, as an implementation makes it that meets RFC 7914 §11', async () => {
    const published = hex('4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56');
    expect(hex(pbkdf2Sync('Password', 'NaCl', 80_000, 32, 'sha256').toString('hex'))).toEqual(published);
    const key = await keyFromPassphrase('correct horse', { salt });
    expect(await encryptsLike(key, pbkdf2Sync('correct horse', salt, 600_000, 32, 'sha256'))).toBe(true);
    const more = await keyFromPassphrase('correct horse', { salt, iterations: 600_001 });
    expect(await encryptsLike(more, pbkdf2Sync('correct horse', salt, 600_001, 32, 'sha256'))).toBe(true);
  });

  it('G6 does not depend on how a keyboard composes a letter', async () => {
    const [composed, apart] = ['caf\u00e9', 'cafe\u0301'];
    const key = await keyFromPassphrase(apart, { salt });
    expect(await encryptsLike(key, pbkdf2Sync(composed, salt, 600_000, 32, 'sha256'))).toBe(true);
  });

  it('G6 is refused with fewer rounds, a short salt, or no text, and shows nothing of what was given', async () => {
    const bad: [unknown, object, string][] = [
      ['secret', { salt, iterations: 599_999 }, 'iterations is 599999. Give it a whole number from 600000 (OWASP)'],
      ['secret', { salt, iterations: 2 ** 32 }, 'iterations is'],
      ['secret', { salt, iterations: 600_000.5 }, 'iterations is'],
      ['secret', { salt, iterations: Number.NaN }, 'iterations is'],
      ['secret', { salt: new Uint8Array(15) }, 'salt is "15 bytes". Give it a Uint8Array of 16 bytes or more'],
      ['secret', {}, 'salt is "undefined"'],
      ['', { salt }, 'passphrase is "". Give it a text that is not empty'],
      [123_456, { salt }, 'passphrase is "number"'],
      [undefined, { salt }, 'passphrase is "undefined"'],
    ];
    for (const [passphrase, options, message] of bad) {
      const error = await rejection(keyFromPassphrase(passphrase as string, options as never));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as Error).message).toContain(message);
      expect((error as Error).message).not.toMatch(/secret|123456/);
    }
  });

  it('G6 says so where the platform refuses as many rounds, as Cloudflare Workers do', async () => {
    const refusal = new DOMException('iteration counts above 100000 are not supported', 'NotSupportedError');
    const deriveKey = vi.spyOn(crypto.subtle, 'deriveKey').mockRejectedValue(refusal);
    try {
      const error = await rejection(keyFromPassphrase('correct horse', { salt }));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as Error).message).toContain('iterations is 600000. Give it a runtime that allows them');
    } finally {
      deriveKey.mockRestore();
    }
  });
});

describe('a derived key', () => {
  it('G6 cannot be exported, and seals', async () => {
    const derived = [await keyFromSecret(salt, { info: '' }), await keyFromPassphrase('correct horse', { salt })];
    for (const key of derived) {
      expect([key.extractable, [...key.usages].sort()]).toEqual([false, ['decrypt', 'encrypt']]);
      expect(await rejection(crypto.subtle.exportKey('raw', key))).toHaveProperty(
        'name',
        expect.stringMatching('InvalidAccess'),
      );
      const codec = aesGcm({ keys: keyring({ current: 'k1', keys: { k1: key } }) });
      expect(await codec.decode(await codec.encode(fullRecord()))).toStrictEqual(fullRecord());
    }
  });
});
