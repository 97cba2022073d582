import { describe, expectTypeOf, it } from 'vitest';
import { createEventBus, type InstalledPlugin } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { defineSaga, type Saga, type SagaEvents, type SagaInstance, type SagaStep } from './saga.js';

interface AppEvents extends SagaEvents<'checkout'> {
  'order.placed': { readonly total: number };
  'order.cancelled': { readonly orderId: string };
  'payment.request': { readonly amount: number };
  'payment.completed': { readonly tx: string };
  'payment.failed': undefined;
  'payment.refund': { readonly tx: string };
}

describe('a saga', () => {
  it('W1 types its start, commands and results by the events of its bus', () => {
    const checkout = defineSaga<AppEvents>({
      name: 'checkout',
      startOn: 'order.placed',
      id: (event) => {
        expectTypeOf(event.type).toEqualTypeOf<keyof AppEvents>();
        return event.correlationId;
      },
      steps: [
        {
          name: 'payment',
          send: ({ start, results }) => {
            expectTypeOf(start.type).toEqualTypeOf<'order.placed'>();
            expectTypeOf(start.data.total).toEqualTypeOf<number>();
            const paid = results['payment'];
            if (paid?.type === 'payment.completed') expectTypeOf(paid.data.tx).toEqualTypeOf<string>();
            return { type: 'payment.request', data: { amount: start.data.total } };
          },
          completedOn: 'payment.completed',
          failedOn: ['payment.failed', 'order.*'],
          compensate: ({ resultOf }) => {
            expectTypeOf(resultOf('payment.completed')).toEqualTypeOf<{ readonly tx: string }>();
            return { type: 'payment.refund', data: resultOf('payment.completed') };
          },
        },
      ],
      failed: ({ id, failure }) => {
        expectTypeOf(failure?.step).toEqualTypeOf<string | undefined>();
        return { type: 'order.cancelled', data: { orderId: id } };
      },
    });
    expectTypeOf(checkout).toEqualTypeOf<Saga<AppEvents>>();
    expectTypeOf(checkout.instances()).resolves.toEqualTypeOf<readonly SagaInstance[]>();
    const bus = createEventBus<AppEvents>();
    expectTypeOf(bus.install(checkout)).resolves.toEqualTypeOf<InstalledPlugin>();
    void createTestEventBus<AppEvents>().install(checkout);
    bus.on('saga.checkout.stuck', ({ data }) => expectTypeOf(data.step).toEqualTypeOf<string>());
  });

  it('W1 does not take types, data or patterns that there are not', () => {
    const step = {
      name: 'payment',
      send: () => ({ type: 'payment.request', data: { amount: 1 } }),
      completedOn: 'payment.completed',
    } as const satisfies SagaStep<AppEvents>;
    defineSaga<AppEvents>({ name: 'a', startOn: 'order.placed', steps: [step, [step, step]] });
    defineSaga<AppEvents>({ name: 'a', startOn: 'order.*', steps: [step] });
    // @ts-expect-error no such event to begin with
    defineSaga<AppEvents>({ name: 'a', startOn: 'order.made', steps: [step] });
    // @ts-expect-error no such event to wait for
    defineSaga<AppEvents>({ name: 'a', startOn: 'order.placed', steps: [{ ...step, completedOn: 'payment.done' }] });
    defineSaga<AppEvents>({
      name: 'a',
      startOn: 'order.placed',
      // @ts-expect-error no such command
      steps: [{ ...step, send: () => ({ type: 'payment.ask', data: { amount: 1 } }) }],
    });
    defineSaga<AppEvents>({
      name: 'a',
      startOn: 'order.placed',
      // @ts-expect-error not the data of that command
      steps: [{ ...step, send: () => ({ type: 'payment.request', data: { amount: '1' } }) }],
    });
    const broken = { name: 'a', startOn: 'order.placed' } as const;
    // @ts-expect-error the data is missing
    defineSaga<AppEvents>({ ...broken, steps: [{ ...step, send: () => ({ type: 'payment.request' }) }] });
    // @ts-expect-error not asynchronous
    defineSaga<AppEvents>({ ...broken, steps: [{ ...step, send: async () => ({ type: 'payment.failed' }) }] });
    defineSaga<AppEvents>({
      name: 'a',
      startOn: 'order.placed',
      steps: [step],
      // @ts-expect-error no such field in the data of the start
      failed: ({ start }) => ({ type: 'order.cancelled', data: { orderId: start.data.id } }),
    });
  });

  it('W1 takes any types where a bus has no map', () => {
    const trip = defineSaga({
      name: 'trip',
      startOn: 'trip.booked',
      id: ({ correlationId }) => correlationId,
      steps: [{ name: 'fly', send: ({ id }) => ({ type: 'fly.do', data: id }), completedOn: 'fly.*' }],
    });
    expectTypeOf(trip).toEqualTypeOf<Saga>();
    void createEventBus().install(trip);
  });
});
