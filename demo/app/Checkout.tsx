import { type ReactElement, useState } from 'react';
import type { Card, Service } from '../events.js';
import { CheckoutSteps } from './CheckoutSteps.js';
import { Choice } from './Choice.js';
import { formatMoney } from './money.js';
import { StockCheck } from './StockCheck.js';
import { useShop, useView } from './shop-context.js';
import { Totals } from './Totals.js';

const cards = [
  { value: 'accepted', name: 'Card ending 4242', note: 'Test card: is accepted' },
  { value: 'declined', name: 'Card ending 0002', note: 'Test card: is declined' },
  { value: 'troubled', name: 'Card ending 0341', note: 'Test card: the gateway fails twice' },
  { value: 'reluctant', name: 'Card ending 7726', note: 'Test card: is not refunded at first' },
] as const;
const services = [
  { value: 'post', name: 'Post', note: 'Answers at once' },
  { value: 'courier', name: 'Courier', note: 'Does not pick up at first' },
] as const;

interface CheckoutProps {
  readonly onDone: () => void;
  /** Called when the button that was pressed goes away, and the focus with it. */
  readonly onTurn: () => void;
}

export function Checkout({ onDone, onTurn }: CheckoutProps): ReactElement {
  const { bus } = useShop();
  const lines = useView('cart.changed')?.lines ?? [];
  const total = useView('pricing.total.changed')?.total;
  const [card, setCard] = useState<Card>('accepted');
  const [service, setService] = useState<Service>('post');
  const [orderId, setOrderId] = useState<string>();
  const [isRefused, setRefused] = useState(false);
  const turnTo = (id: string | undefined): void => {
    setOrderId(id);
    onTurn();
  };
  if (orderId !== undefined) {
    return <Order orderId={orderId} onDone={onDone} onAgain={() => turnTo(undefined)} />;
  }
  const pay = async (): Promise<void> => {
    const id = `K-${crypto.randomUUID().slice(0, 6).toUpperCase()}`;
    const { status } = await bus.emit('checkout.started', { orderId: id, lines, card, service, tab: bus.nodeId });
    if (status === 'vetoed') setRefused(true);
    else turnTo(id);
  };
  return (
    <div className="checkout">
      <Choice name="card" legend="Pay with" choices={cards} chosen={card} onChoose={setCard} />
      <Choice name="service" legend="Send it with" choices={services} chosen={service} onChoose={setService} />
      <div className="panel-foot">
        <StockCheck lines={lines} />
        {isRefused && (
          <p className="refused" role="alert">
            We do not sell more than a dozen of one thing.
          </p>
        )}
        {total !== undefined && <Totals total={total} />}
        <button type="button" className="button wide" onClick={() => void pay()} disabled={lines.length === 0}>
          Pay {formatMoney(total?.totalCents ?? 0)}
        </button>
      </div>
    </div>
  );
}

interface OrderProps {
  readonly orderId: string;
  readonly onDone: () => void;
  readonly onAgain: () => void;
}

/** An order under way, and how it ended. */
function Order({ orderId, onDone, onAgain }: OrderProps): ReactElement {
  const { bus } = useShop();
  const order = useView('checkout.orders.changed')?.orders.find((one) => one.orderId === orderId);
  const cancel = (): void => void bus.emit('checkout.cancelled', { orderId });
  const button = {
    open: { text: 'One moment…', press: undefined },
    stuck: { text: 'Keep shopping', press: onDone },
    failed: { text: 'Choose how to pay', press: onAgain },
    placed: { text: 'Keep shopping', press: onDone },
  }[order?.outcome ?? 'open'];
  return (
    <div className="checkout">
      {order !== undefined && <CheckoutSteps progress={order} />}
      <div role="status">
        {order?.outcome === 'placed' && (
          <div className="outcome" data-good="true">
            <p className="outcome-title">Thank you. Order {orderId} is placed.</p>
            <p>{formatMoney(order.totalCents ?? 0)} paid. Every tab has emptied its cart.</p>
          </div>
        )}
        {order?.outcome === 'failed' && (
          <div className="outcome">
            <p className="outcome-title">{order.reason}.</p>
            <p>You pay nothing, and your goods are still in the cart.</p>
          </div>
        )}
        {order?.outcome === 'stuck' && (
          <div className="outcome">
            <p className="outcome-title">Your money is not back yet.</p>
            <p>It waits for somebody: a dead letter, in the devtools.</p>
          </div>
        )}
      </div>
      {order?.outcome === 'open' && !order.steps.some(({ state }) => state === 'failed') && (
        <button type="button" className="tool cancel" onClick={cancel}>
          Cancel the order
        </button>
      )}
      <div className="panel-foot">
        <button type="button" className="button wide" onClick={button.press} disabled={button.press === undefined}>
          {button.text}
        </button>
      </div>
    </div>
  );
}
