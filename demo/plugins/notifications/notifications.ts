import type { EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** Tells the customer of its tab what happened, and that something happened in another tab. */
export function notifications(bus: EventBus<AppEvents>): () => void {
  const names = new Map<string, string>();
  const nameOf = (productId: string): string => names.get(productId) ?? productId;
  const isOurs = (event: { readonly data: { readonly tab: string } }): boolean => event.data.tab === bus.nodeId;

  const stops = [
    bus.on(
      'catalogue.published',
      (event) => {
        for (const { id, name } of event.data.products) names.set(id, name);
      },
      { name: 'notifications: learn names' },
    ),
    bus.on(
      'pricing.total.changed',
      (event, delivery) => {
        const { added, total } = event.data;
        // Each tab prices for itself; the prices of the others are theirs to show.
        if (added === undefined || delivery.node !== bus.nodeId) return;
        const title =
          added.tab === bus.nodeId
            ? `${nameOf(added.productId)} added`
            : `${nameOf(added.productId)} added in another tab`;
        delivery.emit('notification.shown', {
          topic: 'cart',
          tone: added.tab === bus.nodeId ? 'good' : 'plain',
          title,
          text: `Your cart comes to ${euros.format(total.totalCents / 100)}.`,
        });
      },
      { name: 'notifications: added' },
    ),
    bus.on(
      'inventory.refused',
      (event, delivery) => {
        const { available, productId } = event.data;
        const text = available === 0 ? 'You have all that we had.' : `Only ${available} left.`;
        delivery.emit('notification.shown', {
          topic: 'cart',
          tone: 'bad',
          title: `${nameOf(productId)} is out of stock`,
          text,
        });
      },
      { name: 'notifications: refused', filter: isOurs },
    ),
    bus.on(
      'order.placed',
      (event, delivery) => {
        delivery.emit('notification.shown', {
          topic: 'order',
          tone: 'good',
          title: 'Order placed',
          text: `${euros.format(event.data.totalCents / 100)} paid. It leaves us tomorrow.`,
        });
      },
      { name: 'notifications: placed', filter: isOurs },
    ),
    bus.on(
      'shipping.booked',
      (event, delivery) => {
        const text = `Your parcel is ${event.data.parcel}.`;
        delivery.emit('notification.shown', { topic: 'parcel', tone: 'plain', title: 'Delivery booked', text });
      },
      { name: 'notifications: booked', filter: isOurs },
    ),
    bus.on(
      'order.failed',
      (event, delivery) => {
        const text = `${event.data.reason}. Nothing was charged.`;
        delivery.emit('notification.shown', { topic: 'order', tone: 'bad', title: 'Order not placed', text });
      },
      { name: 'notifications: failed', filter: isOurs },
    ),
    bus.on(
      'shop.failed',
      (event, delivery) => {
        delivery.emit('notification.shown', {
          topic: 'failure',
          tone: 'bad',
          title: event.data.name,
          text: event.data.message,
        });
      },
      { name: 'notifications: failure' },
    ),
    bus.on(
      'error.occurred',
      (event, delivery) => {
        // The failures of other tabs are theirs to show.
        if (delivery.node !== bus.nodeId) return;
        const { error, handler, attempts } = event.data;
        const title = `${handler} failed after ${attempts} ${attempts === 1 ? 'call' : 'calls'}`;
        delivery.emit('notification.shown', { topic: 'failure', tone: 'bad', title, text: error.message });
      },
      { name: 'notifications: handler failed' },
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
