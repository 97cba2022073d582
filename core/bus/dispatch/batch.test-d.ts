import { describe, expectTypeOf, it } from 'vitest';
import { type BatchDelivery, type BusEvent, createEventBus, type Delivery, definePlugin } from '../../index.js';

interface Events {
  'page.viewed': { path: string };
  'page.left': { path: string; afterMs: number };
  'user.created': { userId: string };
}

const bus = createEventBus<Events>();
const batch = { size: 10, maxWaitMs: 100 };

describe('batches', () => {
  it('Q5 gives the handler a list of the events that the pattern matches', () => {
    bus.on(
      'page.*',
      (events, delivery) => {
        expectTypeOf(events).toEqualTypeOf<
          readonly (
            | BusEvent<'page.viewed', { path: string }>
            | BusEvent<'page.left', { path: string; afterMs: number }>
          )[]
        >();
        expectTypeOf(delivery).toEqualTypeOf<BatchDelivery<Events>>();
        for (const event of events) {
          if (event.type === 'page.left') expectTypeOf(event.data.afterMs).toBeNumber();
          expectTypeOf(delivery.of(event)).toEqualTypeOf<Delivery<Events>>();
          delivery.of(event).emit('user.created', { userId: '1' });
          // @ts-expect-error no such type
          delivery.emit('user.crated', { userId: '1' });
        }
      },
      { batch },
    );
  });

  it('Q5 knows the event in a filter, beside a list or not', () => {
    bus.on('page.left', (events) => expectTypeOf(events[0]?.data.afterMs).toEqualTypeOf<number | undefined>(), {
      batch: { size: 10, maxWaitMs: 100 },
      filter: (event) => event.data.afterMs > 1,
      concurrency: 1,
      durable: 'pages',
    });
    bus.on('page.left', (event) => expectTypeOf(event.data.afterMs).toBeNumber(), {
      filter: (event) => event.data.afterMs > 1,
    });
    bus.on(['page.left', 'user.created'], ({ type }) =>
      expectTypeOf(type).toEqualTypeOf<'page.left' | 'user.created'>(),
    );
    bus.on('page.left', ({ data }, { emit }) => emit('user.created', { userId: data.path }), { priority: 1 });
    bus.on('page.left', async function named(event) {
      expectTypeOf(event.data.path).toBeString();
    });
  });

  it('Q5 does not compile with what makes no sense', () => {
    // @ts-expect-error a batch has a size
    bus.on('page.left', () => {}, { batch: { maxWaitMs: 100 } });
    // @ts-expect-error and an end
    bus.on('page.left', () => {}, { batch: { size: 10 } });
    // @ts-expect-error one event is no batch
    bus.on('page.left', () => {}, { batch, once: true });
    // @ts-expect-error the same
    bus.once('page.left', () => {}, { batch });
    // @ts-expect-error every request has an answer of its own
    bus.respond('page.left', () => undefined, { batch });
    // @ts-expect-error a list is not an event
    bus.on('page.left', (event) => event.data, { batch });
  });

  it('Q5 is there for scopes and plugins, too', () => {
    definePlugin<Events>({
      name: 'analytics',
      setup(scope) {
        scope.on('page.left', (events) => expectTypeOf(events[0]?.data.afterMs).toEqualTypeOf<number | undefined>(), {
          batch,
        });
      },
    });
  });
});
