import { describe, expect, it } from 'vitest';
import { CodecError, createEventBus, SerializationError } from '../../index.js';
import { aesGcm, keyring, open, type Sealed, seal } from '../aes-gcm.js';
import { carriers, fullRecord, rawKey, rejection, ring, told } from './sealing.test.kit.js';

interface Card {
  number: string;
}
const card: Card = { number: '4111 1111 1111 1111' };

describe('an event that is sealed by hand', () => {
  it('G6 is opened in a handler of its pattern', async () => {
    const keys = ring();
    const bus = createEventBus<{ 'card.encrypted': Sealed<Card>; 'card.shown': Card }>();
    const opened: Card[] = [];
    bus.on('*.encrypted', async (event) => {
      expect(JSON.stringify(event)).not.toContain('4111');
      opened.push(await open(keys, event));
    });
    const { failures } = await bus.emit('card.encrypted', await seal(keys, 'card.encrypted', card));
    expect([opened, failures]).toEqual([[card], []]);
  });

  it.each(Object.entries(carriers))('G6 travels by %s', async (_, carry) => {
    for (const data of [card, 'text', 0, null, [1, [2]], undefined, JSON.parse('{"__proto__":1}')]) {
      const event = { type: 'card.encrypted', data: carry(await seal(ring(), 'card.encrypted', data)) };
      expect(await open(ring(), event)).toStrictEqual(data);
    }
  });

  it('G6 is sealed once more by a codec that covers it, and comes out as it was', async () => {
    const keys = ring();
    const codec = aesGcm({ keys });
    const record = fullRecord({ data: await seal(keys, 'card.encrypted', card) });
    const arrived = await codec.decode(await codec.encode(record));
    expect(arrived).toStrictEqual(record);
    expect(await open(keys, arrived)).toEqual(card);
  });

  it('G6 is bound to its type, and nothing that a codec sealed', async () => {
    const keys = ring();
    const data = await seal(keys, 'card.encrypted', card);
    const refused = told(await rejection(open(ring(2), { type: 'card.encrypted', data })));
    const type = 'note.encrypted';
    expect(((await rejection(open(keys, { type, data }))) as CodecError).message).toContain('was changed since');
    const record = await aesGcm({ keys }).encode(fullRecord());
    expect(told(await rejection(open(keys, record)))).toStrictEqual(refused);
    const forged = { ...record, data };
    expect(told(await rejection(aesGcm({ keys }).decode(forged)))).toStrictEqual(refused);
    for (const plain of [card, undefined, null, { ...data, x: 1 }, { ...data, ct: `${data.ct}AAAA` }]) {
      expect(told(await rejection(open(keys, { type: 'card.encrypted', data: plain })))).toStrictEqual(refused);
    }
  });

  it('G6 says so when the key is not there', async () => {
    const data = await seal(ring(), 'card.encrypted', card);
    const other = keyring({ current: 'k2', keys: { k2: rawKey(1) } });
    const error = await rejection(open(other, { type: 'card.encrypted', data }));
    expect(error).toBeInstanceOf(CodecError);
    expect((error as CodecError).message).toContain('is sealed with a key that is not in the ring. Add that key');
  });

  it('G6 refuses data that JSON would change, by path', async () => {
    const error = await rejection(seal(ring(), 'card.encrypted', { expires: [new Date(0)] }));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ type: 'card.encrypted', path: 'data.expires[0]' });
  });
});
