import { type Delivery, definePlugin } from 'crosstown';
import type { AppEvents, CheckoutProgress } from '../../events.js';
import { OrderProgress } from './progress.js';

interface CheckoutConfig {
  /** An order that nobody took up by then has failed. */
  readonly patienceMs: number;
}

/**
 * Leads the orders of its own tab from start to end: the stock is held, the goods are priced, the money is taken, and
 * only then is the order placed. It asks nobody by name; it goes on when somebody has said that a step is done.
 */
export const checkout = definePlugin<AppEvents, CheckoutConfig>({
  name: 'checkout',
  version: '1.0.0',
  permissions: {
    on: [
      'checkout.started',
      'inventory.hold.*',
      'pricing.quoted',
      'payment.authorised',
      'payment.declined',
      'order.placed',
      'order.failed',
    ],
    emit: ['checkout.step.changed', 'payment.requested', 'order.placed', 'order.failed'],
  },
  config: { patienceMs: 8_000 },
  setup(scope) {
    const orders = new Map<
      string,
      { readonly progress: OrderProgress; readonly started: AppEvents['checkout.started'] }
    >();

    /** The order an event is about, while it is open and this tab's to lead. */
    const orderOf = (event: { readonly data: { readonly orderId: string } }) => {
      const order = orders.get(event.data.orderId);
      return order?.progress.open === true ? order : undefined;
    };
    const show = (progress: OrderProgress, delivery: Delivery<AppEvents>): void => {
      const view: CheckoutProgress = progress.view();
      delivery.emit('checkout.step.changed', view, { local: true });
    };

    scope.on(
      'checkout.started',
      (event, delivery) => {
        const { orderId, tab } = event.data;
        if (tab !== scope.nodeId) return;
        const progress = new OrderProgress(orderId, event.timestamp);
        orders.set(orderId, { progress, started: event.data });
        show(progress, delivery);
        scope.clock.setTimeout(() => {
          if (progress.open) delivery.emit('order.failed', { orderId, reason: 'Nobody answered in time', tab });
        }, scope.config.patienceMs);
      },
      { name: 'begin' },
    );

    scope.on(
      'inventory.hold.*',
      (event, delivery) => {
        const order = orderOf(event);
        if (order === undefined) return;
        const { orderId, tab } = event.data;
        if (event.type === 'inventory.hold.placed') {
          order.progress.advance(event.timestamp);
          show(order.progress, delivery);
        } else if (event.type === 'inventory.hold.refused') {
          delivery.emit('order.failed', { orderId, reason: 'Not everything is in stock any more', tab });
        }
      },
      { name: 'stock is held' },
    );

    scope.on(
      'pricing.quoted',
      (event, delivery) => {
        const order = orderOf(event);
        if (order === undefined) return;
        const { orderId, tab, total } = event.data;
        order.progress.totalCents = total.totalCents;
        order.progress.advance(event.timestamp);
        show(order.progress, delivery);
        const { card } = order.started;
        delivery.emit('payment.requested', { orderId, amountCents: total.totalCents, card, tab });
      },
      { name: 'ask for payment' },
    );

    scope.on(
      ['payment.authorised', 'payment.declined'],
      (event, delivery) => {
        const order = orderOf(event);
        if (order === undefined) return;
        const { orderId, tab } = event.data;
        if (event.type === 'payment.declined') {
          delivery.emit('order.failed', { orderId, reason: event.data.reason, tab });
          return;
        }
        order.progress.advance(event.timestamp);
        const { lines, service } = order.started;
        delivery.emit('order.placed', { orderId, lines, totalCents: order.progress.totalCents ?? 0, service, tab });
      },
      { name: 'place the order' },
    );

    scope.on(
      ['order.placed', 'order.failed'],
      (event, delivery) => {
        const order = orderOf(event);
        if (order === undefined) return;
        if (event.type === 'order.failed') order.progress.fail(event.data.reason);
        else order.progress.advance(event.timestamp);
        show(order.progress, delivery);
      },
      { name: 'finish' },
    );
  },
});
