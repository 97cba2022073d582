import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { book } from './carriers.js';

/**
 * Has the orders brought, wherever they were placed: of all tabs one is on duty. A carrier that does not answer in time is
 * called once more; then the order is a dead letter, and waits in `bus.deadLetters` until somebody tries again, for one
 * with the button in the devtools.
 */
export const shipping = definePlugin<AppEvents>({
  name: 'shipping',
  version: '1.0.0',
  permissions: { on: 'order.placed', emit: 'shipping.booked' },
  setup(scope) {
    scope.on(
      'order.placed',
      async (event, delivery) => {
        const { orderId, service, tab } = event.data;
        const { parcel } = await book(service, orderId);
        // One that answers after its time is too late: the call has failed.
        if (delivery.signal.aborted) return;
        delivery.emit('shipping.booked', { orderId, parcel, tab });
      },
      { name: 'book a parcel', group: 'shipping', timeoutMs: 1_500, retry: { attempts: 2, delayMs: 200 } },
    );
  },
});
