import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../stores/memory.js';
import { advised } from './advised.test.kit.js';
import { isMisspelling } from './misspelling.js';

describe('a type that nobody hears', () => {
  it('I10 is one that somebody waits for, misspelt', async () => {
    const { bus, advice } = advised();
    bus.on('order.placed', () => {});
    bus.emit('order.placd', { orderId: '1' });
    expect(advice).toEqual([]);
    await bus.clock.advance(1_000);
    bus.emit('ping');
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] Nobody gets "order.placd". Did you mean "order.placed"?',
    ]);
    bus.emit('order.placd', { orderId: '2' });
    await bus.clock.advance(1_000);
    bus.emit('ping');
    expect(advice).toHaveLength(1);
  });

  it('I10 is one that a wildcard has got, misspelt', async () => {
    const { bus, said } = advised();
    bus.on('order.*', () => {});
    bus.emit('order.placed');
    bus.emit('ordre.placed');
    await bus.clock.advance(1_000);
    bus.emit('ping');
    expect(said()).toEqual(['unheard-type ordre.placed']);
  });

  it('I10 is nobody else’s: not stored, not sent, and not heard a moment later', async () => {
    const { bus, said } = advised({ bus: { store: memoryStore(), persist: 'order.*' } });
    bus.on(['order.placed', 'parcel.packed'], () => {});
    bus.emit('order.placd');
    bus.emit('parcel.pakced');
    const off = bus.on('parcel.pakced', () => {});
    bus.emit('parcel.pakced');
    off();
    await bus.clock.advance(1_000);
    bus.emit('ping');
    expect(said()).toEqual([]);
  });

  it.each([
    ['order.placd', 'order.placed'],
    ['ordder.placed', 'order.placed'],
    ['order.palced', 'order.placed'],
    ['order.canceled', 'order.cancelled'],
    ['notificaiton.snet', 'notification.snet'],
    ['authentification.failed', 'authentication.failed'],
  ])('I10 takes %s for %s', (type, meant) => {
    expect(isMisspelling(type, meant)).toBe(true);
  });

  it.each([
    ['order.placed', 'order.placed'],
    ['order.failed', 'order.mailed'],
    ['door.locked', 'door.unlocked'],
    ['card.changed', 'card.charged'],
    ['contact.updated', 'contract.updated'],
    ['order.packed', 'order.picked'],
    ['order.skipped', 'order.shipped'],
    ['tab.cloned', 'tab.closed'],
    ['inventory.reserve', 'inventory.reserved'],
    ['item.added', 'items.added'],
    ['room.one', 'room.two'],
    ['page.10001', 'page.10002'],
    ['user.logged-in', 'user.logged-on'],
    ['ordre.palced', 'order.placed'],
    ['order.placd.x', 'order.placed'],
    ['line.connected', 'line.corrected'],
  ])('I10 does not take %s for %s', (type, meant) => {
    expect(isMisspelling(type, meant)).toBe(false);
  });
});
