import type { ReactElement } from 'react';
import type { Total } from '../events.js';
import { formatMoney } from './money.js';

export function Totals({ total }: { readonly total: Total }): ReactElement {
  const { subtotalCents, discountCents, shippingCents, totalCents } = total;
  return (
    <dl className="totals">
      <dt>Goods</dt>
      <dd>{formatMoney(subtotalCents)}</dd>
      {discountCents > 0 && (
        <>
          <dt>Three or more</dt>
          <dd>−{formatMoney(discountCents)}</dd>
        </>
      )}
      <dt>Shipping</dt>
      <dd>{shippingCents === 0 ? 'Free' : formatMoney(shippingCents)}</dd>
      <dt className="sum">Total</dt>
      <dd className="sum">{formatMoney(totalCents)}</dd>
    </dl>
  );
}
