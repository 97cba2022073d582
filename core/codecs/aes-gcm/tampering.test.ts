import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError, type EventRecord } from '../../index.js';
import { aesGcm, type Keyring, keyring, type Sealed } from '../aes-gcm.js';
import { fullRecord, rawKey, rejection, ring, told } from './sealing.test.kit.js';

const codec = aesGcm({ keys: ring(1) });
const sealed = await codec.encode(fullRecord());
const value = sealed.data as Sealed;
const withData = (data: unknown): EventRecord => ({ ...sealed, data });
const refusal = async (record: unknown, by = codec): Promise<unknown> =>
  told(await rejection(by.decode(record as EventRecord)));

/** What everybody who changes anything gets to see. */
const wrongKey = await refusal(sealed, aesGcm({ keys: ring(2) }));
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a sealed record that was changed', () => {
  it('G6 does not open with other bytes under the same key id, and the error says nothing of keys or content', () => {
    expect(wrongKey).toStrictEqual({
      name: 'CodecError',
      code: 'CODEC_FAILED',
      codec: 'aes-gcm',
      type: 'card.encrypted',
      cause: undefined,
      message: expect.stringMatching(/^\[crosstown\] .+\. .+\.$/),
      own: ['code', 'codec', 'name', 'type'],
    });
    expect(JSON.stringify(wrongKey)).not.toMatch(/k1|4111|\d\d/);
  });

  const others: Record<Exclude<keyof EventRecord, 'data' | 'store' | 'offset' | 'type'>, unknown[]> = {
    v: [2, '1', undefined],
    id: ['01890a5d-ac96-774b-bcce-b302099a8058', undefined, new String(sealed.id)],
    timestamp: [sealed.timestamp + 1, String(sealed.timestamp), new Date(sealed.timestamp), Number.NaN, 1n],
    source: ['attacker', '', undefined],
    correlationId: ['another', undefined],
    causationId: ['another', undefined, null],
    metadata: [
      {},
      { encrypted: true },
      { ...sealed.metadata, tenant: 'south' },
      { ...sealed.metadata, extra: 1 },
      { ...sealed.metadata, trace: { span: '7' } },
      { ...sealed.metadata, trace: new Map([['span', 7]]) },
      { ...sealed.metadata, tenant: new String('north') },
      { ...sealed.metadata, encrypted: undefined },
      { ...sealed.metadata, encrypted: 'true' },
      { tenant: 'north', trace: { span: 7 } },
      new Map(Object.entries(sealed.metadata)),
      null,
      undefined,
    ],
    priority: [4, undefined, '3', new Number(3), Number.POSITIVE_INFINITY],
    node: ['node-b', undefined],
    seq: [43, undefined, '42'],
    ttlMs: [60_001, undefined],
    request: [undefined, false, 'true'],
    ofError: [undefined, false],
  };

  it('G6 is refused in each field of its envelope, always with that error', async () => {
    const changeable = Object.keys(fullRecord()).filter((field) => field !== 'data' && field !== 'type');
    expect(Object.keys(others).sort()).toEqual(changeable.sort());
    for (const [field, values] of Object.entries(others)) {
      for (const other of values) expect(await refusal({ ...sealed, [field]: other }), field).toStrictEqual(wrongKey);
    }
  });

  it('G6 is refused under another type, covered or not, with that error for that type', async () => {
    for (const type of ['account.encrypted', 'card.plain', '$reply', 'card.encrypted.x']) {
      const error = (await refusal({ ...sealed, type })) as { message: string };
      expect(error.message.replace(type, 'card.encrypted')).toBe((wrongKey as { message: string }).message);
    }
  });

  it('G6 is refused with what was sealed for another record', async () => {
    const other = await codec.encode(fullRecord({ id: '01890a5d-ac96-774b-bcce-b302099a9999' }));
    expect(await refusal(withData(other.data))).toStrictEqual(wrongKey);
  });

  it('G6 is refused in each field of the sealed value, and with fields too many or too few', async () => {
    const values: unknown[] = [
      { ...value, v: 2 },
      { ...value, v: '1' },
      { ...value, alg: 'A128GCM' },
      { ...value, alg: 'none' },
      { ...value, kid: '' },
      { ...value, kid: 'k 1' },
      { ...value, kid: 'k'.repeat(65) },
      { ...value, kid: 1 },
      { ...value, iv: '' },
      { ...value, iv: value.iv.slice(0, -4) },
      { ...value, iv: `${value.iv}AAAA` },
      { ...value, iv: 'AAAAAAAAAAAAAAAA' },
      { ...value, iv: null },
      { ...value, ct: '' },
      { ...value, ct: value.ct.slice(0, -4) },
      { ...value, ct: `${value.ct}AAAA` },
      { ...value, ct: ` ${value.ct}` },
      { ...value, ct: `${value.ct}=` },
      { ...value, ct: 'A' },
      { ...value, ct: 'AAAA' },
      { ...value, extra: 1 },
      { v: 1, alg: 'A256GCM', kid: 'k1', iv: value.iv },
      Object.assign({ ...value }, { [Symbol('x')]: 1 }),
      [value],
      JSON.stringify(value),
      null,
      undefined,
      7,
      { number: '4111' },
    ];
    for (const data of values) expect(await refusal(withData(data)), JSON.stringify(data)).toStrictEqual(wrongKey);
  });

  it('G6 is refused with any one bit of nonce, text or tag flipped', async () => {
    for (const field of ['iv', 'ct'] as const) {
      const bytes = Buffer.from(value[field], 'base64url');
      for (let i = 0; i < bytes.length; i++) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8((bytes[i] as number) ^ (1 << (i % 8)), i);
        const data = { ...value, [field]: flipped.toString('base64url') };
        expect(await refusal(withData(data)), `byte ${i} of ${field}`).toStrictEqual(wrongKey);
      }
    }
  });

  it('G6 is refused with any character exchanged, the bits behind the last byte included', async () => {
    // Of these lengths modulo 3 the last character holds 2, 4 or no bits that are no byte's.
    for (const text of ['', 'a', 'ab']) {
      const one = await codec.encode(fullRecord({ data: text }));
      const { iv, ct } = one.data as Sealed;
      for (const character of base64url) {
        if (character === ct.at(-1)) continue;
        const data = { ...(one.data as Sealed), iv, ct: ct.slice(0, -1) + character };
        expect(await refusal({ ...one, data })).toStrictEqual(wrongKey);
      }
    }
  });

  it('G6 opens as it was or is refused with that error, whatever is changed in it', async () => {
    const places = Object.keys(others).concat('iv', 'ct', 'v of it', 'alg', 'iv at', 'ct at');
    const change = fc.record({ place: fc.constantFrom(...places), to: fc.anything(), at: fc.nat(), by: fc.nat(63) });
    const exchange = (text: string, at: number, by: number): string => {
      const i = at % text.length;
      return text.slice(0, i) + base64url[by] + text.slice(i + 1);
    };
    await fc.assert(
      fc.asyncProperty(change, async ({ place, to, at, by }) => {
        const [name = '', where] = place.split(' ');
        const old = where === 'at' ? exchange(value[name as 'iv' | 'ct'], at, by) : to;
        const isInside = where !== undefined || name === 'iv' || name === 'ct' || name === 'alg';
        const record = isInside ? withData({ ...value, [name]: old }) : { ...sealed, [name]: to };
        const result = await Promise.resolve(codec.decode(record as EventRecord)).then((opened) => ({ opened }), told);
        if (typeof result === 'object' && result !== null && 'opened' in result) {
          expect(record).toEqual(sealed);
        } else expect(result).toStrictEqual(wrongKey);
      }),
      { numRuns: 3_000 },
    );
  }, 60_000);
});

describe('plain data under a type that is covered', () => {
  it('G6 is refused', async () => {
    for (const metadata of [{}, { encrypted: false }, { encrypted: 'yes' }, { encrypted: 1 }]) {
      const error = await rejection(codec.decode(fullRecord({ metadata })));
      expect(error).toBeInstanceOf(CodecError);
      expect((error as CodecError).message).toContain('it is plain, and events of its type have to be sealed');
    }
    expect(await refusal(fullRecord({ metadata: { encrypted: true } }))).toStrictEqual(wrongKey);
  });

  it('G6 is none of its business under another', async () => {
    const record = fullRecord({ type: 'card.shown' });
    expect(await codec.decode(record)).toBe(record);
  });
});

describe('a key that cannot be read', () => {
  it('G6 is told as that, not as a forgery', async () => {
    const failing: Keyring = {
      sealing: () => Promise.reject(new Error('locked')),
      opening: () => {
        throw new Error('locked');
      },
    };
    const locked = aesGcm({ keys: failing });
    for (const call of [() => locked.encode(fullRecord()), () => locked.decode(sealed)]) {
      const error = await rejection(call());
      expect(error).toBeInstanceOf(CodecError);
      expect(error).toMatchObject({ cause: { message: 'locked' } });
    }
    const reader = keyring({ current: 'k1', keys: { k1: rawKey(1) } });
    expect(await aesGcm({ keys: { ...failing, opening: reader.opening } }).decode(sealed)).toStrictEqual(fullRecord());
  });
});

describe('the form of what is sealed', () => {
  const context = `record ${JSON.stringify([
    1,
    sealed.id,
    'card.encrypted',
    1_750_000_000_000,
    'shop',
    sealed.correlationId,
    sealed.causationId,
    3,
    'node-a',
    42,
    60_000,
    true,
    true,
    { tenant: 'north', trace: { span: 7 }, encrypted: true },
  ])}`;
  const aad = Buffer.from(`crosstown 1 A256GCM k1 ${context}`);

  it('G6 is that of AES-256-GCM, as another implementation reads it', () => {
    const bytes = Buffer.from(value.ct, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', rawKey(1), Buffer.from(value.iv, 'base64url'));
    decipher.setAAD(aad).setAuthTag(bytes.subarray(-16));
    const text = decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
    expect(JSON.parse(text)).toStrictEqual({ d: fullRecord().data });
  });

  it('G6 is that of AES-256-GCM, as another implementation writes it', async () => {
    const iv = Buffer.alloc(12, 9);
    const cipher = createCipheriv('aes-256-gcm', rawKey(1), iv).setAAD(aad);
    const parts = [cipher.update('{"d":"from afar"}', 'utf8'), cipher.final(), cipher.getAuthTag()];
    const data = { ...value, iv: iv.toString('base64url'), ct: Buffer.concat(parts).toString('base64url') };
    expect(await codec.decode(withData(data))).toStrictEqual(fullRecord({ data: 'from afar' }));
  });
});
