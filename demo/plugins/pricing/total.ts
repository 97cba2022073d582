import type { Line, Total } from '../../events.js';

const SHIPPING_CENTS = 5_90;
const FREE_SHIPPING_FROM_CENTS = 100_00;
const DISCOUNT_FROM = 3;
const DISCOUNT = 0.1;

/** What some goods cost: three or more of one product cost a tenth less, and a large order is sent for nothing. */
export function totalOf(lines: Iterable<Line>, priceCents: (productId: string) => number): Total {
  let subtotalCents = 0;
  let discountCents = 0;
  for (const { productId, quantity } of lines) {
    const cents = priceCents(productId) * quantity;
    subtotalCents += cents;
    if (quantity >= DISCOUNT_FROM) discountCents += Math.round(cents * DISCOUNT);
  }
  const goodsCents = subtotalCents - discountCents;
  const shippingCents = goodsCents === 0 || goodsCents >= FREE_SHIPPING_FROM_CENTS ? 0 : SHIPPING_CENTS;
  return { subtotalCents, discountCents, shippingCents, totalCents: goodsCents + shippingCents };
}
