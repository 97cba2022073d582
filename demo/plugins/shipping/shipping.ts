import type { EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { book } from './carriers.js';

/**
 * Has the orders of its own tab brought. A carrier that does not answer in time is called once more; then the order is a
 * dead letter, and waits in `bus.deadLetters` until somebody tries again, for one with the button in the devtools.
 */
export function shipping(bus: EventBus<AppEvents>): () => void {
  const off = bus.on(
    'order.placed',
    async (event, delivery) => {
      const { orderId, service, tab } = event.data;
      const { parcel } = await book(service, orderId);
      // One that answers after its time is too late: the call has failed.
      if (off.active && !delivery.signal.aborted) delivery.emit('shipping.booked', { orderId, parcel, tab });
    },
    {
      name: 'shipping: book',
      filter: (event) => event.data.tab === bus.nodeId,
      timeoutMs: 800,
      retry: { attempts: 2, delayMs: 200 },
    },
  );
  return off;
}
