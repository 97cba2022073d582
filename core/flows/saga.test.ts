import { describe, expect, it } from 'vitest';
import { answer, checkout, order, said, sent, shop } from './saga/checkout.test.kit.js';

describe.each([['with a store', {}] as const, ['without one', 'without a store'] as const])('a saga, %s', (_, how) => {
  it('W1 sends one command after the other, each when the one before it is answered, and says when all are', async () => {
    const bus = shop(how);
    const saga = checkout();
    await bus.install(saga);
    const id = await order(bus);
    expect(sent(bus)).toEqual(['pay.do pay:1']);
    await answer(bus, 'pay.done', id, { tx: 't' });
    expect(sent(bus)).toEqual(['pay.do pay:1', 'stock.do stock:1']);
    await answer(bus, 'stock.done', id);
    await answer(bus, 'mail.done', id);
    expect(sent(bus).slice(2)).toEqual(['mail.do mail:1', 'order.done completed']);
    expect(said(bus)).toEqual([
      'started',
      'step.sent pay 1',
      'step.completed pay',
      'step.sent stock 1',
      'step.completed stock',
      'step.sent mail 1',
      'step.completed mail',
      'completed',
    ]);
    expect((await saga.instances()).map((one) => [one.id, one.state])).toEqual([[id, 'completed']]);
    expect(bus.failures).toEqual([]);
  });
});
