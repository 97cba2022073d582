import type { ReactElement } from 'react';
import type { Line, Product } from '../events.js';
import { ProductArt } from './art/ProductArt.js';
import { Icon } from './Icon.js';
import { formatMoney } from './money.js';
import { Orders } from './Orders.js';
import { useShop, useView } from './shop-context.js';
import { Totals } from './Totals.js';

export function CartLines({ onCheckout }: { readonly onCheckout: () => void }): ReactElement {
  const lines = useView('cart.changed')?.lines ?? [];
  const products = useView('catalogue.published')?.products ?? [];
  const levels = useView('inventory.levels.changed')?.levels ?? {};
  const total = useView('pricing.total.changed')?.total;
  if (lines.length === 0) {
    return (
      <>
        <div className="empty">
          <Icon name="cart" />
          <p>Nothing in it yet.</p>
          <p className="hint">What you add here shows in every tab, and is still here tomorrow.</p>
        </div>
        <Orders />
      </>
    );
  }
  return (
    <>
      <ul className="lines">
        {lines.map((line) => (
          <CartLine
            key={line.productId}
            line={line}
            product={products.find(({ id }) => id === line.productId)}
            more={(levels[line.productId] ?? 0) > 0}
          />
        ))}
      </ul>
      <Orders />
      <div className="panel-foot">
        {total !== undefined && <Totals total={total} />}
        <button type="button" className="button wide" onClick={onCheckout}>
          Check out
        </button>
      </div>
    </>
  );
}

interface CartLineProps {
  readonly line: Line;
  readonly product: Product | undefined;
  /** Whether there is more of it in stock. */
  readonly more: boolean;
}

function CartLine({ line, product, more }: CartLineProps): ReactElement {
  const { bus } = useShop();
  const { productId, quantity } = line;
  const name = product?.name ?? productId;
  const one = { productId, quantity: 1, tab: bus.nodeId };
  return (
    <li className="line">
      <ProductArt productId={productId} />
      <div className="line-text">
        <p className="line-name">{name}</p>
        <div className="stepper">
          <button type="button" aria-label={`One ${name} less`} onClick={() => void bus.emit('cart.item.removed', one)}>
            <Icon name="minus" />
          </button>
          <span role="status" aria-label={`${name}, quantity`}>
            {quantity}
          </span>
          <button
            type="button"
            aria-label={`One ${name} more`}
            disabled={!more}
            onClick={() => void bus.emit('cart.item.added', one)}
          >
            <Icon name="plus" />
          </button>
        </div>
      </div>
      <p className="line-price">{formatMoney((product?.priceCents ?? 0) * quantity)}</p>
    </li>
  );
}
