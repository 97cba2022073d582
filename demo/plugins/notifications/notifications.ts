import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** Tells the customer of its tab what happened, and that something happened in another tab. */
export const notifications = definePlugin<AppEvents>({
  name: 'notifications',
  version: '1.0.0',
  dependsOn: ['catalogue'],
  permissions: {
    on: [
      'catalogue.published',
      'pricing.total.changed',
      'inventory.refused',
      'order.*',
      'shipping.booked',
      'shop.failed',
      'error.occurred',
    ],
    emit: 'notification.shown',
  },
  setup(scope) {
    const names = new Map<string, string>();
    const nameOf = (productId: string): string => names.get(productId) ?? productId;
    const isOurs = (event: { readonly data: { readonly tab: string } }): boolean => event.data.tab === scope.nodeId;

    scope.on(
      'catalogue.published',
      (event) => {
        for (const { id, name } of event.data.products) names.set(id, name);
      },
      { name: 'learn names' },
    );
    scope.on(
      'pricing.total.changed',
      (event, delivery) => {
        const { added, total } = event.data;
        // Each tab prices for itself; the prices of the others are theirs to show.
        if (added === undefined || delivery.node !== scope.nodeId) return;
        const title =
          added.tab === scope.nodeId
            ? `${nameOf(added.productId)} added`
            : `${nameOf(added.productId)} added in another tab`;
        delivery.emit('notification.shown', {
          topic: 'cart',
          tone: added.tab === scope.nodeId ? 'good' : 'plain',
          title,
          text: `Your cart comes to ${euros.format(total.totalCents / 100)}.`,
        });
      },
      { name: 'added' },
    );
    scope.on(
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
      { name: 'refused', filter: isOurs },
    );
    scope.on(
      'order.placed',
      (event, delivery) => {
        delivery.emit('notification.shown', {
          topic: 'order',
          tone: 'good',
          title: 'Order placed',
          text: `${euros.format(event.data.totalCents / 100)} paid. It leaves us tomorrow.`,
        });
      },
      { name: 'placed', filter: isOurs },
    );
    scope.on(
      'shipping.booked',
      (event, delivery) => {
        const text = `Your parcel is ${event.data.parcel}.`;
        delivery.emit('notification.shown', { topic: 'parcel', tone: 'plain', title: 'Delivery booked', text });
      },
      { name: 'booked', filter: isOurs },
    );
    scope.on(
      'order.failed',
      (event, delivery) => {
        const text = `${event.data.reason}. You pay nothing.`;
        delivery.emit('notification.shown', { topic: 'order', tone: 'bad', title: 'Order not placed', text });
      },
      { name: 'failed', filter: isOurs },
    );
    scope.on(
      'shop.failed',
      (event, delivery) => {
        delivery.emit('notification.shown', {
          topic: 'failure',
          tone: 'bad',
          title: event.data.name,
          text: event.data.message,
        });
      },
      { name: 'failure' },
    );
    scope.on(
      'error.occurred',
      (event, delivery) => {
        // The failures of other tabs are theirs to show.
        if (delivery.node !== scope.nodeId) return;
        const { error, handler, attempts } = event.data;
        if (error.name === 'SagaStuckError') {
          const text = 'Somebody has to see to it: it is a dead letter, in the devtools.';
          delivery.emit('notification.shown', {
            topic: 'order',
            tone: 'bad',
            title: 'Your money is not back yet',
            text,
          });
          return;
        }
        const title = `${handler} failed after ${attempts} ${attempts === 1 ? 'call' : 'calls'}`;
        delivery.emit('notification.shown', { topic: 'failure', tone: 'bad', title, text: error.message });
      },
      { name: 'handler failed' },
    );
  },
});
