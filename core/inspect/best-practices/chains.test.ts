import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../flows/batch.js';
import { correlate } from '../../flows/correlate.js';
import { definePlugin, type Inspection } from '../../index.js';
import { type Advice, bestPractices } from '../best-practices.js';
import { advised } from './advised.test.kit.js';

describe('the chains of events', () => {
  it('I9 break where a synchronous handler emits on the bus', () => {
    const { bus, advice } = advised();
    bus.on('order.placed', function mail() {
      bus.emit('mail.sent', { to: 'ada' });
      bus.emit('mail.sent', { to: 'grace' });
    });
    bus.emit('order.placed', { orderId: '1' });
    bus.emit('order.placed', { orderId: '2' });
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] The handler "mail" of "order.placed" emits "mail.sent" without its cause. Emit it by the handler\'s second argument, with delivery.emit.',
    ]);
    expect(advice[0]).toMatchObject({ type: 'mail.sent', handler: { name: 'mail' } });
    expect(advice[0]?.event.data).toEqual({ to: 'ada' });
  });

  it('I9 break there also when the handler then throws, and in a question', () => {
    const { bus, said } = advised();
    bus.on('order.placed', () => {
      bus.request('stock.check', { sku: 'tea' }).catch(() => {});
      throw new Error('no disk');
    });
    bus.emit('order.placed');
    expect(said()).toEqual(['broken-chain stock.check']);
  });

  it('I9 break and hold likewise in a handler that takes batches', () => {
    const { bus, advice } = advised();
    const batch = { size: 2, maxWaitMs: 10 };
    bus.on('order.placed', (events, delivery) => void delivery.emit('orders.counted', { count: events.length }), {
      batch,
    });
    bus.on('order.placed', (events) => void bus.emit('orders.written', { count: events.length }), {
      ...{ batch, name: 'writer' },
    });
    for (const orderId of ['1', '2', '3', '4']) bus.emit('order.placed', { orderId });
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] The handler "writer" of "order.placed" emits "orders.written" without its cause. Emit it by the handler\'s second argument, with delivery.emit.',
    ]);
  });

  it('I9 hold where the cause is given', () => {
    const { bus, said } = advised();
    bus.on('order.placed', (event, { emit }) => {
      emit('mail.sent');
      bus.emit('stock.reserved', undefined, { cause: event });
      bus.emit({ type: 'parcel.packed', data: undefined, causationId: event.id });
    });
    bus.emit('order.placed');
    bus.emit('order.placed');
    expect(said()).toEqual([]);
  });

  it('I9 are not judged where a handler begins one of its own and names it', () => {
    const { bus, said } = advised();
    bus.on('day.ended', () => {
      correlate(bus, (chain) => chain.emit('report.started'));
      bus.emit('backup.started', undefined, { correlationId: 'nightly' });
    });
    bus.emit('day.ended');
    expect(said()).toEqual([]);
  });

  it('I9 are not judged for a batch that a handler makes full, which has many causes', async () => {
    const { bus, said } = advised();
    const batcher = createBatcher(bus, { type: 'click.batch', size: 1, intervalMs: 1_000 });
    bus.on('user.clicked', ({ data }) => batcher.add(data));
    bus.emit('user.clicked', { x: 1 });
    await bus.close();
    expect(bus.emittedOf('click.batch')).toHaveLength(1);
    expect(said()).toEqual([]);
  });

  it('I9 are not judged for the news of the bus itself', async () => {
    const { bus, said } = advised();
    bus.on('order.placed', () => {
      void bus.install(definePlugin({ name: 'audit', setup: () => {} }));
    });
    bus.on('shop.closed', () => void bus.close());
    bus.on('order.refused', () => {
      throw new Error('no disk');
    });
    for (const type of ['order.placed', 'order.refused']) bus.emit(type);
    await bus.processEvents();
    bus.emit('shop.closed');
    await bus.processEvents();
    expect(said()).toEqual([]);
  });

  it('I9 are not judged behind an asynchronous handler: whoever emits may be somebody else', async () => {
    const { bus, said } = advised();
    bus.on('order.placed', async () => {
      bus.emit('mail.queued');
      await Promise.resolve();
      bus.emit('mail.sent');
    });
    bus.on('order.paid', () => {});
    bus.emit('order.placed');
    bus.emit('order.shipped');
    bus.emit('order.paid');
    bus.emit('order.closed');
    await bus.processEvents();
    expect(said()).toEqual([]);
  });

  it('I9 are not judged while a promise of the handler settles in the midst of other work', async () => {
    const { bus, said } = advised();
    let resolve = (): void => {};
    const promise = new Promise<void>((settle) => (resolve = settle));
    bus.on('order.placed', () => promise);
    bus.emit('order.placed');
    await Promise.resolve();
    resolve();
    bus.emit('mail.sent');
    await bus.processEvents();
    // The job was in the queue before the handler was called, and runs before what its promise leads to.
    const before = Promise.resolve().then(() => bus.emit('stock.counted'));
    bus.on('order.paid', async () => {});
    bus.emit('order.paid');
    await before;
    await bus.processEvents();
    expect(said()).toEqual([]);
  });

  it('I9 are not judged when it is another call that settles', () => {
    const told: Inspection[] = [];
    const { bus, said } = advised();
    bus.inspect((each) => told.push(each));
    bus.on('order.placed', () => void bus.emit('mail.sent'));
    bus.on('order.paid', () => {});
    bus.emit('order.paid');
    bus.emit('order.placed');
    expect(said()).toEqual(['broken-chain mail.sent']);
    const advice: Advice[] = [];
    const observe = bestPractices({ report: (each) => advice.push(each) });
    const settled = told.filter(({ kind }) => kind === 'handlerSettled');
    for (const each of told) {
      if (each.kind !== 'handlerSettled') observe(each);
      else if (each === settled[1] && settled[0] !== undefined) observe(settled[0]);
    }
    expect(advice).toEqual([]);
  });

  it('I9 are judged for the handler that emits, not the one before it', () => {
    const { bus, advice } = advised();
    bus.on('order.placed', async function slow() {});
    bus.on('order.placed', function mail() {
      bus.emit('mail.sent');
    });
    bus.on('mail.sent', () => {});
    bus.emit('order.placed');
    bus.emit('order.shipped');
    expect(advice.map(({ type, handler }) => `${handler?.name} ${type}`)).toEqual(['mail mail.sent']);
  });
});
