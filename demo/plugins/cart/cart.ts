import type { EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { follow } from '../../follow.js';

/**
 * Knows what is in the cart. There is one cart for all tabs: each folds the same events, and as a fold only adds and
 * subtracts, tabs that see events of two senders in different orders still agree.
 */
export function cart(bus: EventBus<AppEvents>): () => void {
  const quantities = new Map<string, number>();
  const change = (productId: string, by: number): void => {
    quantities.set(productId, Math.max(0, (quantities.get(productId) ?? 0) + by));
  };
  const view = (): AppEvents['cart.changed'] => ({
    lines: [...quantities].flatMap(([productId, quantity]) => (quantity > 0 ? [{ productId, quantity }] : [])),
  });

  return follow(
    bus,
    ['cart.item.added', 'cart.item.removed', 'inventory.refused', 'order.placed'],
    (event, delivery) => {
      if (event.type === 'order.placed') {
        for (const { productId, quantity } of event.data.lines) change(productId, -quantity);
      } else {
        const { productId, quantity } = event.data;
        change(productId, event.type === 'cart.item.added' ? quantity : -quantity);
      }
      delivery?.emit('cart.changed', view(), { local: true });
    },
    { name: 'cart: fold', caughtUp: () => bus.emit('cart.changed', view(), { local: true }) },
  );
}
