import { describe, expect, it, vi } from 'vitest';
import { Wire } from '../../bus/border/wire.test.fixture.js';
import { aesGcm, keyring } from '../../codecs/aes-gcm.js';
import { createTestEventBus } from '../../testing/index.js';
import { advised } from './advised.test.kit.js';

/** What is said of data that one type has in turn. */
function ofData(...data: readonly unknown[]): string[] {
  const { bus, advice } = advised();
  for (const each of data) bus.emit('order.placed', each);
  return advice.map(({ rule, message }) => `${rule}: ${message}`);
}

describe('the data of events', () => {
  it.each([
    ['a text', 'seven'],
    ['a number', 7],
    ['a boolean', true],
    ['a bigint', 7n],
    ['a list', [7]],
    ['a collection', new Map()],
    ['a collection', new Set()],
    ['a date', new Date(0)],
    ['a buffer', new Uint8Array(1)],
    ['a function', () => {}],
  ])('I8 are an object, not %s', (kind, data) => {
    expect(ofData(data)).toEqual([
      `unstructured-data: [crosstown] The data of "order.placed" is ${kind}. Make it an object with named fields, which can grow.`,
    ]);
  });

  it('I8 are not a promise that somebody forgot to await', () => {
    expect(ofData(Promise.resolve({}))).toEqual([
      'unstructured-data: [crosstown] The data of "order.placed" is a promise. Await it before it is emitted.',
    ]);
  });

  it('I8 may be missing, an instance of a class, or without a prototype', () => {
    class Order {
      readonly orderId = '1';
    }
    expect(ofData(undefined, null, new Order(), Object.create(null), {})).toEqual([]);
  });

  it('I8 have fields that say what they hold', () => {
    expect(ofData({ orderId: '1', note: 'x' }, { orderId: '1', Misc: 1, things: [] })).toEqual([
      'vague-field: [crosstown] The data of "order.placed" has "Misc" and "things". Name each field after what it holds, like "userId" or "email".',
    ]);
  });

  it('I8 have a field always of one kind', () => {
    expect(ofData({ total: '7' }, { total: undefined }, {}, { total: null }, { total: 7 }, { total: [] })).toEqual([
      'inconsistent-data: [crosstown] "total" of "order.placed" is a number, and was a text before. Let a field always be of one kind.',
    ]);
  });

  it('I8 have fields that may be missing, be empty, or hold any value', () => {
    expect(ofData({ note: null }, {}, { note: 'x' }, { note: undefined })).toEqual([]);
    expect(ofData({ value: 1, from: 'a', oldValue: [] }, { value: '1', from: 2, oldValue: {} })).toEqual([]);
  });

  it('I8 have ids of one name that are of one kind on a bus', () => {
    const { bus, advice } = advised();
    bus.emit('user.created', { userId: '1', count: '1', paid: 'no' });
    bus.emit('user.removed', { userId: 1, count: 1, paid: false });
    bus.emit('user.renamed', { userId: '1' });
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] "userId" of "user.removed" is a number, and that of "user.created" is a text. Let ids be texts everywhere.',
    ]);
  });

  it('I8 may be a dictionary, whose keys are not names', () => {
    const dictionary = (value: unknown) =>
      Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`key ${i}`, value]));
    expect(ofData(dictionary(1), dictionary('1'), { ada: 1 }, { ada: '1' })).toEqual([]);
  });

  it('I8 are not looked at where a node without the key has them sealed', async () => {
    const wire = new Wire();
    const codec = aesGcm({ keys: keyring({ current: 'k1', keys: { k1: new Uint8Array(32) } }) });
    const { bus, advice } = advised({ bus: { transports: [wire.transport()] } });
    const owner = createTestEventBus({ transports: [wire.transport()], codecs: [codec], clock: bus.clock });
    bus.emit('card.encrypted', { alg: 1, ct: 2 }, { local: true });
    owner.on('**', () => {});
    bus.on('**', () => {});
    owner.emit('card.encrypted', { number: '4111' });
    await vi.waitFor(() => expect(bus.stats().received).toBe(1));
    expect(advice).toEqual([]);
  });
});
