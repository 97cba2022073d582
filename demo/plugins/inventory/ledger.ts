import type { EventOf } from 'crosstown';
import type { AppEvents, Line } from '../../events.js';

/** What the stock keeper is asked. */
export const requests = [
  'cart.item.*',
  'inventory.hold.requested',
  'inventory.hold.cancelled',
  'inventory.goods.requested',
] as const;
/** What the stock keeper says; every fact has one request as its cause. */
export const stockFacts = [
  'inventory.reserved',
  'inventory.refused',
  'inventory.released',
  'inventory.restocked',
  'inventory.hold.placed',
  'inventory.hold.refused',
  'inventory.hold.released',
  'inventory.goods.fetched',
  'inventory.goods.missing',
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
        if (this.#held.has(data.orderId)) return;
        this.#held.set(data.orderId, data.lines);
        for (const { productId, quantity } of data.lines) add(this.#reserved, productId, -quantity);
        return;
      case 'inventory.hold.released':
        this.#held.delete(data.orderId);
        for (const { productId, quantity } of data.lines) add(this.#reserved, productId, quantity);
        return;
      case 'inventory.refused':
      case 'inventory.hold.refused':
      case 'inventory.goods.fetched':
      case 'inventory.goods.missing':
    }
  }

  /** The facts that answer a request; one that comes twice, as after a crash, is answered as before. */
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
      case 'inventory.hold.requested': {
        const { orderId, lines } = data;
        const [short] = this.#held.has(orderId) ? [] : this.missing(lines);
        if (short === undefined) return [{ type: 'inventory.hold.placed', data: { orderId, lines } }];
        return [{ type: 'inventory.hold.refused', data: { orderId, productId: short.productId } }];
      }
      case 'inventory.hold.cancelled': {
        const { orderId } = data;
        return [{ type: 'inventory.hold.released', data: { orderId, lines: this.#held.get(orderId) ?? [] } }];
      }
      case 'inventory.goods.requested': {
        const { orderId } = data;
        const lines = this.#held.get(orderId);
        if (lines === undefined) return [{ type: 'inventory.goods.missing', data: { orderId } }];
        const low = lines.filter(({ productId }) => (this.#available.get(productId) ?? 0) <= LOW);
        return [
          { type: 'inventory.goods.fetched', data: { orderId, lines } },
          ...low.map(({ productId }) => restocked(productId)),
        ];
      }
    }
  }

  #reserve({ productId, quantity }: Line, sign: 1 | -1): void {
    add(this.#available, productId, -sign * quantity);
    add(this.#reserved, productId, sign * quantity);
  }
}

const restocked = (productId: string): StockFact => ({
  type: 'inventory.restocked',
  data: { productId, quantity: REFILL },
});

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
