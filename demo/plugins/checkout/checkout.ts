import type { Delivery, EventBus } from 'crosstown';
import type { AppEvents, CheckoutProgress } from '../../events.js';
import { OrderProgress } from './progress.js';

/** An order that nobody took up by then has failed. */
const PATIENCE_MS = 8_000;

/**
 * Leads the orders of its own tab from start to end: the stock is held, the goods are priced, the money is taken, and
 * only then is the order placed. It asks nobody by name; it goes on when somebody has said that a step is done.
 */
export function checkout(bus: EventBus<AppEvents>): () => void {
  const closing = new AbortController();
  const orders = new Map<
    string,
    { readonly progress: OrderProgress; readonly started: AppEvents['checkout.started'] }
  >();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const options = (name: string) => ({ name: `checkout: ${name}`, signal: closing.signal });

  /** The order an event is about, while it is open and this tab's to lead. */
  const orderOf = (event: { readonly data: { readonly orderId: string } }) => {
    const order = orders.get(event.data.orderId);
    return order?.progress.open === true ? order : undefined;
  };
  const show = (progress: OrderProgress, delivery: Delivery<AppEvents>): void => {
    const view: CheckoutProgress = progress.view();
    delivery.emit('checkout.step.changed', view, { local: true });
  };

  bus.on(
    'checkout.started',
    (event, delivery) => {
      const { orderId, tab } = event.data;
      if (tab !== bus.nodeId) return;
      const progress = new OrderProgress(orderId, event.timestamp);
      orders.set(orderId, { progress, started: event.data });
      show(progress, delivery);
      const giveUp = setTimeout(() => {
        timers.delete(giveUp);
        if (progress.open) delivery.emit('order.failed', { orderId, reason: 'Nobody answered in time', tab });
      }, PATIENCE_MS);
      timers.add(giveUp);
    },
    options('begin'),
  );

  bus.on(
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
    options('stock is held'),
  );

  bus.on(
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
    options('ask for payment'),
  );

  bus.on(
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
    options('place the order'),
  );

  bus.on(
    ['order.placed', 'order.failed'],
    (event, delivery) => {
      const order = orderOf(event);
      if (order === undefined) return;
      if (event.type === 'order.failed') order.progress.fail(event.data.reason);
      else order.progress.advance(event.timestamp);
      show(order.progress, delivery);
    },
    options('finish'),
  );

  return () => {
    closing.abort();
    for (const timer of timers) clearTimeout(timer);
  };
}
