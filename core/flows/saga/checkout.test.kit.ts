import type { EventStore } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions, type TestEventBus } from '../../testing/index.js';
import { defineSaga, type SagaDefinition, type SagaEvents, type SagaStep } from '../saga.js';

/** What the sagas of tests are about: steps that answer as they are told. */
export interface ShopEvents extends SagaEvents<'checkout'> {
  'order.placed': { readonly total: number };
  'order.done': { readonly orderId: string };
  'order.cancelled': { readonly orderId: string; readonly step: string | undefined };
  'pay.do': { readonly total: number };
  'pay.done': { readonly tx: string };
  'pay.failed': undefined;
  'pay.undo': { readonly tx: string };
  'pay.undone': undefined;
  'pay.stays': undefined;
  'stock.do': undefined;
  'stock.done': undefined;
  'stock.failed': undefined;
  'stock.undo': undefined;
  'stock.undone': undefined;
  'mail.do': undefined;
  'mail.done': undefined;
  'mail.failed': undefined;
  'mail.undo': undefined;
  'mail.undone': undefined;
}

type Definition = SagaDefinition<ShopEvents, 'order.placed'>;
type Step = SagaStep<ShopEvents, 'order.placed'>;

/** Three steps, each with what tests need of it. */
export function steps(more: Partial<Step> = {}): readonly [Step, Step, Step] {
  return [
    {
      name: 'pay',
      send: ({ start }) => ({ type: 'pay.do', data: { total: start.data.total } }),
      completedOn: 'pay.done',
      failedOn: 'pay.failed',
      compensate: ({ resultOf }) => ({ type: 'pay.undo', data: { tx: resultOf('pay.done').tx } }),
      compensatedOn: 'pay.undone',
      compensationFailedOn: 'pay.stays',
      ...more,
    },
    {
      name: 'stock',
      send: () => ({ type: 'stock.do' }),
      completedOn: 'stock.done',
      failedOn: 'stock.failed',
      compensate: () => ({ type: 'stock.undo' }),
      compensatedOn: 'stock.undone',
      ...more,
    },
    {
      name: 'mail',
      send: () => ({ type: 'mail.do' }),
      completedOn: 'mail.done',
      failedOn: 'mail.failed',
      compensate: () => ({ type: 'mail.undo' }),
      compensatedOn: 'mail.undone',
      ...more,
    },
  ];
}

export function checkout(more: Partial<Definition> = {}) {
  return defineSaga<ShopEvents>({
    name: 'checkout',
    startOn: 'order.placed',
    steps: steps(),
    completed: ({ id }) => ({ type: 'order.done', data: { orderId: id } }),
    failed: ({ id, failure }) => ({ type: 'order.cancelled', data: { orderId: id, step: failure?.step } }),
    ...more,
  });
}

/** A bus with a store of its own, or the one that is given, or none. */
export function shop(options: TestBusOptions | 'without a store' = {}): TestEventBus<ShopEvents> {
  if (options === 'without a store') return createTestEventBus<ShopEvents>();
  return createTestEventBus<ShopEvents>({ store: memoryStore(), ...options });
}

export const sharedLog = (): EventStore => memoryStore({ shared: true });

/** Commands that were sent, as type and key without the saga and the id. */
export function sent(bus: TestEventBus<ShopEvents>): readonly string[] {
  return bus.emitted.flatMap(({ type, metadata }) => {
    const key = metadata['idempotencyKey'];
    return typeof key === 'string' ? [`${type} ${key.split(':').slice(2).join(':')}`] : [];
  });
}

/** Facts that were said, as the end of their type and what they are about. */
export function said(bus: TestEventBus<ShopEvents>): readonly string[] {
  return bus.emittedOf('saga.**').map(({ type, data }) => {
    const { step, attempt, undo } = data as {
      readonly step?: string;
      readonly attempt?: number;
      readonly undo?: boolean;
    };
    return [type.slice('saga.checkout.'.length), step, undo === true ? 'undo' : undefined, attempt]
      .filter((part) => part !== undefined)
      .join(' ');
  });
}

/** An answer to the saga that an order began. */
export async function answer<K extends keyof ShopEvents & string>(
  bus: TestEventBus<ShopEvents>,
  type: K,
  correlationId: string,
  data?: ShopEvents[K],
  more: { readonly causationId?: string } = {},
): Promise<void> {
  bus.emit({ type, data: data as never, correlationId, ...more });
  await settle(bus);
}

/** Begins an order, and resolves with its id when the first commands are out. */
export async function order(bus: TestEventBus<ShopEvents>): Promise<string> {
  const { event } = bus.emit('order.placed', { total: 5 });
  await settle(bus);
  return event.id;
}

export async function settle(...buses: readonly TestEventBus<ShopEvents>[]): Promise<void> {
  for (let i = 0; i < 2; i++) for (const bus of buses) await bus.processEvents();
}
