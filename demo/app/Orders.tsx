import type { ReactElement } from 'react';
import type { OrderProgress } from '../events.js';
import { formatMoney } from './money.js';
import { useView } from './shop-context.js';

const outcomes = { open: 'under way', placed: 'placed', stuck: 'money not back yet' } as const;

/** The latest orders, whichever tab they were placed in: also when it is gone. */
export function Orders(): ReactElement | null {
  const orders = useView('checkout.orders.changed')?.orders ?? [];
  if (orders.length === 0) return null;
  return (
    <section className="orders" aria-labelledby="orders-heading">
      <h3 id="orders-heading">Orders</h3>
      <ul>
        {orders.map((order) => (
          <li key={order.orderId}>
            <b>{order.orderId}</b>
            <span>{wordsFor(order)}</span>
            {order.totalCents !== undefined && <span>{formatMoney(order.totalCents)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function wordsFor({ outcome, reason }: OrderProgress): string {
  return outcome === 'failed' ? (reason ?? 'not placed') : outcomes[outcome];
}
