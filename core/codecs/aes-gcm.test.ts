import { describe, expect, it, vi } from 'vitest';
import {
  CodecError,
  compilePattern,
  type EventRecord,
  InvalidOptionError,
  InvalidPatternError,
  SerializationError,
} from '../index.js';
import { toBase64Url } from './aes-gcm/base64url.js';
import { carriers, fullRecord, rawKey, rejection, ring } from './aes-gcm/sealing.test.kit.js';
import { aesGcm, keyring, type Sealed } from './aes-gcm.js';

const sealedOf = (record: EventRecord): Sealed => record.data as Sealed;
const minimal = (data: unknown): EventRecord => {
  const { v, id, type, timestamp, source, correlationId, priority } = fullRecord();
  return { v, id, type, timestamp, source, correlationId, data, metadata: {}, priority };
};

describe.each(Object.entries(carriers))('a sealed record that travels by %s', (_, carry) => {
  const codec = aesGcm({ keys: ring() });

  it('G6 opens as the record it was', async () => {
    for (const record of [fullRecord(), minimal({ a: 1 }), minimal([]), minimal('text'), minimal(null), minimal(0)]) {
      expect(await codec.decode(carry(await codec.encode(record)))).toStrictEqual(record);
    }
  });

  it('G6 opens as one without data, when there was none', async () => {
    const opened = await codec.decode(carry(await codec.encode(minimal(undefined))));
    expect(opened).toStrictEqual(minimal(undefined));
  });

  it('G6 opens though it was stored meanwhile', async () => {
    const sealed = carry({ ...(await codec.encode(fullRecord())), store: 'log', offset: 7 });
    expect(await codec.decode(sealed)).toStrictEqual({ ...fullRecord(), store: 'log', offset: 7 });
  });

  it('G6 keeps what metadata had under the name that says it is sealed', async () => {
    for (const encrypted of [true, false, 'by hand', null, { by: ['me'] }]) {
      const record = fullRecord({ metadata: { encrypted, tenant: 'north' } });
      const sealed = await codec.encode(record);
      expect(sealed.metadata).toEqual({ encrypted: true, tenant: 'north' });
      expect(await codec.decode(carry(sealed))).toStrictEqual(record);
    }
  });

  it('G6 opens when its metadata has keys without a value, which JSON drops', async () => {
    const metadata = { user: undefined, tenant: 'north', encrypted: undefined };
    const opened = await codec.decode(carry(await codec.encode(fullRecord({ metadata }))));
    expect(opened).toEqual(fullRecord({ metadata: { tenant: 'north' } }));
  });

  it('G6 opens with names and texts that serializers stumble over', async () => {
    const odd = JSON.parse('{"__proto__":{"a":1},"constructor":2,"10":"b","9":"a","":"\\ud800","größe":"東京 🙂"}');
    const record = fullRecord({ data: odd, metadata: odd, source: '\ud800', node: '"],["' });
    expect(await codec.decode(carry(await codec.encode(record)))).toStrictEqual(record);
  });

  it('G6 opens when it is large', async () => {
    const record = minimal('0123456789abcdef'.repeat(65_536));
    expect(await codec.decode(carry(await codec.encode(record)))).toStrictEqual(record);
  });
});

describe('a sealed record', () => {
  const codec = aesGcm({ keys: ring() });

  it('G6 says that it is sealed, and how, and shows nothing of its data', async () => {
    const { data, metadata, ...envelope } = await codec.encode(fullRecord());
    const { data: _, metadata: own, ...before } = fullRecord();
    expect(envelope).toStrictEqual(before);
    expect(metadata).toStrictEqual({ ...own, encrypted: true });
    expect(data).toStrictEqual({
      v: 1,
      alg: 'A256GCM',
      kid: 'k1',
      iv: expect.stringMatching(/^[\w-]{16}$/),
      ct: expect.stringMatching(/^[\w-]+$/),
    });
    expect(JSON.stringify(data)).not.toContain('4111');
  });

  it('G6 is what it was when it was handed over, though the data is changed meanwhile', async () => {
    const data = { amount: 1 };
    const metadata: Record<string, unknown> = { tenant: 'a' };
    const encoding = codec.encode(fullRecord({ data, metadata }));
    data.amount = 2;
    metadata['tenant'] = 'b';
    const opened = await codec.decode(await encoding);
    expect(opened).toEqual(fullRecord({ data: { amount: 1 }, metadata: { tenant: 'a' } }));
  });

  it('G6 leaves the record it was made of as it was', async () => {
    const record = Object.freeze(fullRecord({ metadata: Object.freeze({ tenant: 'a' }) }));
    const sealed = Object.freeze(await codec.encode(record));
    await codec.decode(sealed);
    expect(record).toStrictEqual(fullRecord({ metadata: { tenant: 'a' } }));
  });

  it('G6 stays sealed on a node without the key', async () => {
    const sealed = await codec.encode(fullRecord());
    const other = aesGcm({ keys: keyring({ current: 'k2', keys: { k2: rawKey(1) } }) });
    expect(await other.decode(sealed)).toBe(sealed);
  });

  it('G6 that is emitted on by a node without the key arrives as it was there', async () => {
    const stranger = aesGcm({ keys: keyring({ current: 'k2', keys: { k2: rawKey(2) } }) });
    const sealed = await stranger.encode(fullRecord());
    const handedOn = { ...((await codec.decode(sealed)) as EventRecord), node: 'node-b', seq: 1 };
    expect(await codec.decode(await codec.encode(handedOn))).toStrictEqual(handedOn);
  });

  it('G6 never has a nonce twice', async () => {
    // What is encrypted does not matter here, and takes most of the time.
    const encrypt = vi.spyOn(crypto.subtle, 'encrypt').mockResolvedValue(new ArrayBuffer(17));
    try {
      const total = 100_000;
      const nonces = new Set<string>();
      const record = minimal(1);
      for (let i = 0; i < total; i++) nonces.add(sealedOf(await codec.encode(record)).iv);
      expect(nonces.size).toBe(total);
      expect(encrypt).toHaveBeenCalledTimes(total);
      for (const [{ iv }] of encrypt.mock.calls as unknown as [AesGcmParams][])
        nonces.delete(toBase64Url(iv as Uint8Array));
      expect(nonces.size).toBe(0);
    } finally {
      encrypt.mockRestore();
    }
  }, 60_000);
});

describe('an answer to an event that is sealed', () => {
  const codec = aesGcm({ keys: ring() });
  const reply = fullRecord({ type: '$reply', metadata: {} });

  it('G6 is sealed and opened when the bus asks for it, whatever its type', async () => {
    expect(codec.covers('$reply')).toBe(false);
    const sealed = await codec.encode(reply);
    expect(sealed.metadata).toStrictEqual({ encrypted: true });
    expect(await codec.decode(sealed)).toStrictEqual(reply);
  });

  it('G6 is left alone where it is not sealed', async () => {
    expect(await codec.decode(reply)).toBe(reply);
  });
});

describe('data that JSON would change', () => {
  const codec = aesGcm({ keys: ring() });
  class Money {
    amount = 1;
  }
  const circle: { self?: unknown } = {};
  circle.self = circle;

  it.each<[what: string, data: unknown, path: string]>([
    ['a Date', { at: new Date(0) }, 'data.at'],
    ['a Map', { by: new Map() }, 'data.by'],
    ['a Set', new Set([1]), 'data'],
    ['undefined in an array', { items: [1, undefined] }, 'data.items[1]'],
    ['undefined in an object', { note: undefined }, 'data.note'],
    ['a bigint', { deep: [{ big: 1n }] }, 'data.deep[0].big'],
    ['NaN', [Number.NaN], 'data[0]'],
    ['infinity', Number.POSITIVE_INFINITY, 'data'],
    ['negative zero', { n: -0 }, 'data.n'],
    ['an instance of a class', { price: new Money() }, 'data.price'],
    ['bytes', { raw: new Uint8Array(2) }, 'data.raw'],
    ['an error', new Error('no'), 'data'],
    ['a function', { run() {} }, 'data.run'],
    ['an array with a hole', { list: new Array(1) }, 'data.list'],
    ['an object that holds itself', circle, 'data.self'],
  ])('G6 is refused by name and path: %s', async (_, data, path) => {
    const error = await rejection(codec.encode(fullRecord({ data })));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ type: 'card.encrypted', path });
  });

  it.each<[what: string, metadata: Record<string, unknown>, path: string]>([
    ['a Date', { none: undefined, at: new Date(0) }, 'metadata.at'],
    ['a Map', { by: new Map([['a', 1]]) }, 'metadata.by'],
    ['a bigint', { n: 1n }, 'metadata.n'],
    ['what is sealed along with it', { encrypted: new Date(0) }, 'metadata.encrypted'],
  ])('G6 is refused in metadata, too, which could be exchanged otherwise: %s', async (_, metadata, path) => {
    const error = await rejection(codec.encode(fullRecord({ metadata })));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ path });
  });

  it('G6 is refused when it is too deep for JSON', async () => {
    let data: unknown = 1;
    for (let i = 0; i < 100_000; i++) data = [data];
    expect(await rejection(codec.encode(fullRecord({ data })))).toBeInstanceOf(SerializationError);
  });
});

describe('aesGcm()', () => {
  it('G6 covers every type that ends in "encrypted", unless it is told otherwise', () => {
    const { covers, name } = aesGcm({ keys: ring() });
    expect(name).toBe('aes-gcm');
    const types = ['encrypted', 'card.encrypted', 'payment.card.encrypted', 'card.encrypted.sent', 'card', '$reply'];
    expect(types.map(covers)).toEqual([true, true, true, false, false, false]);
    const patterns = ['payment.**', 'user.secret'];
    const types2 = ['payment', 'payment.card.encrypted', 'user.secret', 'user.name', 'card.encrypted'];
    const own = aesGcm({ keys: ring(), patterns });
    expect(types2.map(own.covers)).toEqual(types2.map(compilePattern(patterns)));
    expect(types2.map(own.covers)).toEqual([true, true, true, false, false]);
  });

  it('G6 refuses what it cannot use', () => {
    const keys = ring();
    expect(() => aesGcm({ keys, patterns: [] })).toThrow(InvalidOptionError);
    expect(() => aesGcm({ keys, patterns: 5 as never })).toThrow('patterns is 5. Give it a pattern or a list');
    expect(() => aesGcm({ keys, patterns: 'card-*' })).toThrow(InvalidPatternError);
    expect(() => aesGcm({ keys: undefined as never })).toThrow('keys is "undefined". Give it a keyring()');
    expect(() => aesGcm({ keys: {} as never })).toThrow(InvalidOptionError);
  });

  it('G6 asks the platform for nothing before there is something to seal, and names what it lacks then', async () => {
    const real = globalThis.crypto;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    try {
      const codec = aesGcm({ keys: ring() });
      const error = await rejection(codec.encode(fullRecord()));
      expect(error).toBeInstanceOf(CodecError);
      expect((error as CodecError).cause).toMatchObject({ message: expect.stringContaining('HTTPS, or localhost') });
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: real, configurable: true });
    }
    expect(await aesGcm({ keys: ring() }).encode(fullRecord())).toHaveProperty('metadata.encrypted', true);
  });
});
