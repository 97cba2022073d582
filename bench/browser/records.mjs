// The events that are stored and sent: about 300 bytes of JSON each, of 20 types, ten to a correlation id.

/** @typedef {ReturnType<typeof orderOf>} Order */

/** @param {number} n */
export function orderOf(n) {
  return {
    orderId: `order-${n}`,
    customer: { name: 'Ada Lovelace', city: 'London' },
    items: [{ sku: `sku-${n % 50}`, count: (n % 3) + 1 }],
    total: n % 1000,
  };
}

/** @param {number} n */
export const typeOf = (n) => `order.step${n % 20}`;

/** @param {number} n */
export const correlationOf = (n) => `018f4f3e-0000-7000-8000-${String(Math.floor(n / 10)).padStart(12, '0')}`;

/** What is stored of an event, made beforehand: those who are measured beside the bus need not make it. @param {number} n */
export function recordOf(n) {
  return {
    v: 1,
    id: `018f4f3e-1111-7000-8000-${String(n).padStart(12, '0')}`,
    type: typeOf(n),
    timestamp: 1_700_000_000_000 + n,
    source: 'shop',
    correlationId: correlationOf(n),
    data: orderOf(n),
    metadata: {},
    priority: 0,
  };
}

/** @param {number} count */
export const recordsOf = (count) => Array.from({ length: count }, (_, n) => recordOf(n));

/** @template T @param {readonly T[]} all @param {number} size @returns {T[][]} */
export function chunksOf(all, size) {
  /** @type {T[][]} */
  const chunks = [];
  for (let start = 0; start < all.length; start += size) chunks.push(all.slice(start, start + size));
  return chunks;
}
