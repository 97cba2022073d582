import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { follow } from '../../follow.js';
import { OrderRecord } from './order-record.js';

const followed = ['saga.checkout.**', 'order.*'] as const;

interface OrdersConfig {
  /** So many orders are shown. */
  readonly kept: number;
}

/** Knows how far the orders have come, in every tab: it folds what the checkout says of itself, and what became of each. */
export const orders = definePlugin<AppEvents, OrdersConfig>({
  name: 'orders',
  version: '1.0.0',
  permissions: { on: followed, emit: ['checkout.orders.changed', 'shop.failed'] },
  config: { kept: 3 },
  setup(scope) {
    const records = new Map<string, OrderRecord>();
    const view = (): AppEvents['checkout.orders.changed'] => ({
      orders: [...records.values()].reverse().map((record) => record.view()),
    });

    follow(
      scope,
      followed,
      (event, delivery) => {
        if (event.type === 'saga.checkout.started') {
          const { id } = event.data;
          if (!records.has(id)) records.set(id, new OrderRecord(id));
          for (const oldest of [...records.keys()].slice(0, -scope.config.kept)) records.delete(oldest);
        } else records.get('id' in event.data ? event.data.id : event.data.orderId)?.apply(event);
        delivery?.emit('checkout.orders.changed', view(), { local: true });
      },
      { name: 'fold', caughtUp: () => scope.emit('checkout.orders.changed', view(), { local: true }) },
    );
  },
});
