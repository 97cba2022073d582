import { type ReactElement, useState } from 'react';
import type { Card } from '../events.js';
import { CheckoutSteps } from './CheckoutSteps.js';
import { formatMoney } from './money.js';
import { useShop, useView } from './shop-context.js';
import { Totals } from './Totals.js';

const cards: readonly { readonly card: Card; readonly name: string; readonly note: string }[] = [
  { card: 'accepted', name: 'Card ending 4242', note: 'Test card: is accepted' },
  { card: 'declined', name: 'Card ending 0002', note: 'Test card: is declined' },
];

export function Checkout({ onDone }: { readonly onDone: () => void }): ReactElement {
  const { bus } = useShop();
  const lines = useView('cart.changed')?.lines ?? [];
  const total = useView('pricing.total.changed')?.total;
  const progress = useView('checkout.step.changed');
  const [card, setCard] = useState<Card>('accepted');
  const [orderId, setOrderId] = useState<string>();
  const order = progress !== undefined && progress.orderId === orderId ? progress : undefined;

  const pay = (): void => {
    const id = `K-${crypto.randomUUID().slice(0, 6).toUpperCase()}`;
    setOrderId(id);
    bus.emit('checkout.started', { orderId: id, lines, card, tab: bus.nodeId });
  };
  if (order?.outcome === 'placed') {
    return (
      <div className="checkout">
        <CheckoutSteps progress={order} />
        <div className="outcome" data-good="true" role="status">
          <p className="outcome-title">Thank you. Order {order.orderId} is placed.</p>
          <p>{formatMoney(order.totalCents ?? 0)} paid. Every tab has emptied its cart.</p>
        </div>
        <div className="panel-foot">
          <button type="button" className="button wide" onClick={onDone}>
            Keep shopping
          </button>
        </div>
      </div>
    );
  }
  const busy = order?.outcome === 'open';
  return (
    <div className="checkout">
      <fieldset className="cards" disabled={busy}>
        <legend>Pay with</legend>
        {cards.map(({ card: value, name, note }) => (
          <label key={value} className="card">
            <input type="radio" name="card" checked={card === value} onChange={() => setCard(value)} />
            <span>
              {name}
              <small>{note}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {order !== undefined && <CheckoutSteps progress={order} />}
      {order?.outcome === 'failed' && (
        <div className="outcome" role="status">
          <p className="outcome-title">{order.reason}.</p>
          <p>Nothing was charged, and your goods are still in the cart.</p>
        </div>
      )}
      <div className="panel-foot">
        {total !== undefined && <Totals total={total} />}
        <button type="button" className="button wide" onClick={pay} disabled={busy || lines.length === 0}>
          {busy
            ? 'One moment…'
            : `${order === undefined ? 'Pay' : 'Try again:'} ${formatMoney(total?.totalCents ?? 0)}`}
        </button>
      </div>
    </div>
  );
}
