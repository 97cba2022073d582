import type { EventOf } from 'crosstown';
import type { AppEvents, Line } from '../../events.js';

/** What the stock keeper is asked. */
export const requests = ['cart.item.*', 'checkout.started', 'order.*'] as const;
/** What the stock keeper says; every fact has one request as its cause. */
export const stockFacts = [
  'inventory.reserved',
  'inventory.refused',
  'inventory.released',
  'inventory.restocked',
  'inventory.hold.*',
] as const;

type Request = EventOf<AppEvents, (typeof requests)[number]>;
type StockFactType = EventOf<AppEvents, (typeof stockFacts)[number]>['type'];
export type StockFact = { [K in StockFactType]: { readonly type: K; readonly data: AppEvents[K] } }[StockFactType];

/** What was on the shelves on the day the shop opened. */
const openingStock: Readonly<Record<string, number>> = {
  lamp: 8,
  chair: 3,
  mug: 40,
  plant: 12,
  clock: 9,
  kettle: 6,
  speaker: 5,
  vase: 14,
  candle: 30,
  notebook: 60,
  throw: 7,
  mirror: 2,
};
/** With so few left after an order, so many are bought. */
const LOW = 2;
const REFILL = 10;

/** The stock as its facts tell it. It decides, and changes only by recording what was decided. */
export class StockLedger {
  readonly #available = new Map(Object.entries(openingStock));
  /** What the cart has reserved. */
  readonly #reserved = new Map<string, number>();
  readonly #held = new Map<string, readonly Line[]>();

  get levels(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#available);
  }

  /** What of some goods the cart has not reserved. */
  missing(lines: readonly Line[]): readonly Line[] {
    return lines.flatMap(({ productId, quantity }) => {
      const short = quantity - (this.#reserved.get(productId) ?? 0);
      return short > 0 ? [{ productId, quantity: short }] : [];
    });
  }

  record({ type, data }: StockFact): void {
    switch (type) {
      case 'inventory.reserved':
        this.#reserve(data, 1);
        return;
      case 'inventory.released':
        this.#reserve(data, -1);
        return;
      case 'inventory.restocked':
        add(this.#available, data.productId, data.quantity);
        return;
      case 'inventory.hold.placed':
        this.#held.set(data.orderId, data.lines);
        for (const { productId, quantity } of data.lines) add(this.#reserved, productId, -quantity);
        return;
      case 'inventory.hold.released':
        this.#held.delete(data.orderId);
        for (const { productId, quantity } of data.lines) add(this.#reserved, productId, quantity);
        return;
      case 'inventory.refused':
      case 'inventory.hold.refused':
    }
  }

  /** The facts that answer a request. */
  decide({ type, data }: Request): readonly StockFact[] {
    switch (type) {
      case 'cart.item.added': {
        const available = this.#available.get(data.productId) ?? 0;
        if (available >= data.quantity) return [{ type: 'inventory.reserved', data }];
        return [{ type: 'inventory.refused', data: { ...data, available } }];
      }
      case 'cart.item.removed': {
        // A cart that gives back what an order holds by now gives back nothing; it is told all the same.
        const quantity = Math.min(data.quantity, this.#reserved.get(data.productId) ?? 0);
        return [{ type: 'inventory.released', data: { ...data, quantity } }];
      }
      case 'checkout.started': {
        const { orderId, lines, tab } = data;
        const [short] = this.missing(lines);
        if (short === undefined) return [{ type: 'inventory.hold.placed', data: { orderId, lines, tab } }];
        return [{ type: 'inventory.hold.refused', data: { orderId, productId: short.productId, tab } }];
      }
      case 'order.failed': {
        const { orderId, tab } = data;
        const lines = this.#held.get(orderId);
        return lines === undefined ? [] : [{ type: 'inventory.hold.released', data: { orderId, lines, tab } }];
      }
      case 'order.placed':
        return data.lines
          .filter(({ productId }) => (this.#available.get(productId) ?? 0) <= LOW)
          .map(({ productId }) => ({ type: 'inventory.restocked', data: { productId, quantity: REFILL } }));
    }
  }

  #reserve({ productId, quantity }: Line, sign: 1 | -1): void {
    add(this.#available, productId, -sign * quantity);
    add(this.#reserved, productId, sign * quantity);
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
