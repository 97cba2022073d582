import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { follow } from '../../follow.js';

const followed = ['cart.item.added', 'cart.item.removed', 'inventory.refused', 'order.placed'] as const;

/**
 * Knows what is in the cart. There is one cart for all tabs: each folds the same events, and as a fold only adds and
 * subtracts, tabs that see events of two senders in different orders still agree.
 */
export const cart = definePlugin<AppEvents>({
  name: 'cart',
  version: '1.0.0',
  permissions: { on: followed, emit: ['cart.changed', 'shop.failed'] },
  setup(scope) {
    const quantities = new Map<string, number>();
    const change = (productId: string, by: number): void => {
      quantities.set(productId, Math.max(0, (quantities.get(productId) ?? 0) + by));
    };
    const view = (): AppEvents['cart.changed'] => ({
      lines: [...quantities].flatMap(([productId, quantity]) => (quantity > 0 ? [{ productId, quantity }] : [])),
    });

    follow(
      scope,
      followed,
      (event, delivery) => {
        if (event.type === 'order.placed') {
          for (const { productId, quantity } of event.data.lines) change(productId, -quantity);
        } else {
          const { productId, quantity } = event.data;
          change(productId, event.type === 'cart.item.added' ? quantity : -quantity);
        }
        delivery?.emit('cart.changed', view(), { local: true });
      },
      { name: 'fold', caughtUp: () => scope.emit('cart.changed', view(), { local: true }) },
    );
  },
});
