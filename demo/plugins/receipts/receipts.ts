import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';

/**
 * Posts a receipt for each order, wherever it was placed: of all tabs one is on duty. An order that was placed while none
 * was there, or whose tab crashed, gets its receipt from the next one that opens.
 */
export const receipts = definePlugin<AppEvents>({
  name: 'receipts',
  version: '1.0.0',
  permissions: { on: 'order.placed', emit: 'receipt.posted' },
  setup(scope) {
    scope.on(
      'order.placed',
      (event, delivery) => {
        const { orderId, tab } = event.data;
        // The order is done with when this is stored: a tab that crashes before leaves the order to another.
        delivery.emit('receipt.posted', { orderId, key: delivery.key ?? '', tab });
      },
      { name: 'post', group: 'receipts' },
    );
  },
});
