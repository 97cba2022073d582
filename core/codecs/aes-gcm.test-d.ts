import { describe, expectTypeOf, it } from 'vitest';
import { type Codec, createEventBus } from '../index.js';
import { aesGcm, type Keyring, keyring, open, type Sealed, seal, storedKeyring } from './aes-gcm.js';

interface Card {
  number: string;
}
interface AppEvents {
  'card.encrypted': Sealed<Card>;
  'note.encrypted': Sealed<string>;
  'card.shown': Card;
}

describe('sealed data', () => {
  const bus = createEventBus<AppEvents>();
  const keys: Keyring = storedKeyring({ name: 'types' });

  it('G6 has the type of what is in it', async () => {
    expectTypeOf(await seal(keys, 'card.encrypted', { number: '1' })).toEqualTypeOf<Sealed<{ number: string }>>();
    void bus.emit('card.encrypted', await seal(keys, 'card.encrypted', { number: '1' }));
    // @ts-expect-error a card has a number
    void bus.emit('card.encrypted', await seal(keys, 'card.encrypted', { digits: '1' }));
    // @ts-expect-error a card is sealed
    void bus.emit('card.encrypted', { number: '1' });
    bus.on('card.encrypted', async (event) => {
      expectTypeOf(await open(keys, event)).toEqualTypeOf<Card>();
    });
    bus.on('*.encrypted', async (event) => {
      expectTypeOf(await open(keys, event)).toEqualTypeOf<Card | string>();
    });
    createEventBus().on('*', async (event) => {
      expectTypeOf(await open(keys, event)).toEqualTypeOf<unknown>();
    });
  });

  it('G6 is made by a codec of any keyring', () => {
    expectTypeOf(aesGcm({ keys, patterns: ['a.**'] })).toEqualTypeOf<Codec>();
    const memory = keyring({ current: 'k1', keys: { k1: new Uint8Array(32) } });
    expectTypeOf(memory).toExtend<Keyring>();
    // @ts-expect-error keys are bytes or keys of the platform
    memory.add('k2', 'secret');
  });
});
