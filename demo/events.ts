import type { Replies } from 'crosstown';
import type { SagaEvents } from 'crosstown/flows/saga';

/**
 * Every event of the shop: the one thing its plugins share. What the checkout says of itself is among them
 * (`saga.checkout.**`).
 *
 * `tab` in an event is the node of the tab whose customer asked for it, and is there to tell the customer: what is to be
 * done is done by whichever tab is on duty.
 */
export interface AppEvents extends SagaEvents<'checkout'> {
  /** A tab has all its plugins and shows the shop. */
  'shop.opened': { readonly tab: string };
  /** Something failed in this tab's bus, like an event that could not be stored. */
  'shop.failed': { readonly stage: string; readonly name: string; readonly message: string };
  /** The bus's own news of a handler that failed for good. */
  'error.occurred': {
    readonly error: { readonly name: string; readonly message: string };
    readonly event: { readonly id: string; readonly type: string; readonly source: string };
    readonly handler: string;
    readonly attempts: number;
  };

  'catalogue.published': { readonly products: readonly Product[] };

  'cart.item.added': Line & { readonly tab: string };
  'cart.item.removed': Line & { readonly tab: string };
  /** View: what the cart holds, the same in every tab. */
  'cart.changed': { readonly lines: readonly Line[] };

  /** Request: which of these are not reserved for the cart? The stock keeper on duty answers. */
  'inventory.check': Replies<{ readonly lines: readonly Line[] }, { readonly missing: readonly Line[] }>;
  'inventory.reserved': Line & { readonly tab: string };
  'inventory.refused': Line & { readonly available: number; readonly tab: string };
  'inventory.released': Line & { readonly tab: string };
  'inventory.hold.requested': Order;
  /** What the cart had reserved now belongs to an order. */
  'inventory.hold.placed': Order;
  'inventory.hold.refused': { readonly orderId: string; readonly productId: string };
  /** The order came to nothing … */
  'inventory.hold.cancelled': { readonly orderId: string };
  /** … and its goods are the cart's again. */
  'inventory.hold.released': Order;
  /** What is held for an order is to be fetched from the shelves, piece by piece. */
  'inventory.goods.requested': Order;
  'inventory.goods.fetched': Order;
  'inventory.goods.missing': { readonly orderId: string };
  'inventory.restocked': Line;
  /** View: how many of each product can still be reserved. */
  'inventory.levels.changed': { readonly levels: Readonly<Record<string, number>> };

  /** View: what the reserved goods cost, and the line that changed it. */
  'pricing.total.changed': { readonly total: Total; readonly added?: Line & { readonly tab: string } };
  'pricing.quote.requested': Order;
  'pricing.quoted': { readonly orderId: string; readonly total: Total };

  'checkout.started': Order & { readonly card: Card; readonly service: Service; readonly tab: string };
  /** The customer has changed their mind. */
  'checkout.cancelled': { readonly orderId: string };
  /** View: how far the latest orders have come, of whichever tab; the newest first. */
  'checkout.orders.changed': { readonly orders: readonly OrderProgress[] };

  'payment.requested': { readonly orderId: string; readonly amountCents: number; readonly card: Card };
  'payment.authorised': { readonly orderId: string; readonly reference: string };
  'payment.declined': { readonly orderId: string; readonly reason: string };
  'payment.refund.requested': { readonly orderId: string; readonly reference: string };
  'payment.refunded': { readonly orderId: string };
  'payment.refund.refused': { readonly orderId: string; readonly reason: string };

  'order.placed': Order & { readonly totalCents: number; readonly service: Service; readonly tab: string };
  'order.failed': { readonly orderId: string; readonly reason: string; readonly tab: string };

  'shipping.booked': { readonly orderId: string; readonly parcel: string; readonly tab: string };

  /** The receipt of an order is on its way; `key` is the same however often that is said. */
  'receipt.posted': { readonly orderId: string; readonly key: string; readonly tab: string };

  /** A message for the customer of the tab that emits it; a newer one on the same topic takes its place. */
  'notification.shown': {
    readonly topic: 'cart' | 'order' | 'parcel' | 'failure';
    readonly tone: 'good' | 'plain' | 'bad';
    readonly title: string;
    readonly text: string;
  };

  /** View: what the audit has counted. */
  'audit.summary.changed': AuditSummary;

  /** What the rogue floods the bus with, and what it has to say of data that was refused. */
  'rogue.noise': { readonly n: number };
  'rogue.complained': { readonly wanted: string; readonly because: string };

  /** A webhook of the live traffic: `github.issues.opened`. */
  [type: `github.${string}`]: GithubDelivery;
}

/** The shop's facts: what every plugin's state can be built from again. Views are not among them. */
export const facts = [
  'cart.item.*',
  'inventory.reserved',
  'inventory.refused',
  'inventory.released',
  'inventory.restocked',
  'inventory.hold.*',
  'inventory.goods.*',
  'pricing.quote.requested',
  'pricing.quoted',
  'checkout.*',
  'payment.**',
  'order.*',
  'shipping.*',
  'receipt.*',
] as const;

/** What is stored: the facts, and those of the checkout itself, which is a saga. */
export const stored = [...facts, 'saga.checkout.**'] as const;

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly category: 'Light' | 'Table' | 'Rest' | 'Desk';
  readonly priceCents: number;
}

/** So many of one product. */
export interface Line {
  readonly productId: string;
  readonly quantity: number;
}

/** What somebody wants to buy. */
export interface Order {
  readonly orderId: string;
  readonly lines: readonly Line[];
}

/** What an amount of goods costs, in cents. */
export interface Total {
  readonly subtotalCents: number;
  /** Taken off for three or more of one product. */
  readonly discountCents: number;
  readonly shippingCents: number;
  readonly totalCents: number;
}

/** The test card a customer pays with: with some the payment gateway has trouble, when it charges or when it refunds. */
export type Card = 'accepted' | 'declined' | 'troubled' | 'reluctant';

/** Who brings the parcel: the post answers at once, the courier does not pick up at first. */
export type Service = 'post' | 'courier';

export const checkoutSteps = ['reserve', 'price', 'pay', 'fetch'] as const;

export type CheckoutStep = (typeof checkoutSteps)[number];

/** `undoing` and `undone` is a step that is taken back, `stuck` one that could not be. */
export type CheckoutStepState = 'waiting' | 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'stuck';

export interface OrderProgress {
  readonly orderId: string;
  readonly steps: readonly {
    readonly step: CheckoutStep;
    readonly state: CheckoutStepState;
    /** How long it took. */
    readonly durationMs?: number;
  }[];
  readonly outcome: 'open' | 'placed' | 'failed' | 'stuck';
  /** Why it failed. */
  readonly reason?: string;
  readonly totalCents?: number;
}

export interface AuditSummary {
  /** The latest facts of the shop, newest first. */
  readonly entries: readonly {
    readonly id: string;
    readonly type: string;
    readonly at: number;
    readonly here: boolean;
  }[];
  /** Facts counted since the page was opened. */
  readonly facts: number;
  readonly github: {
    readonly deliveries: number;
    /** How many there were of each kind of webhook, most first. */
    readonly kinds: readonly { readonly kind: string; readonly count: number }[];
    readonly people: number;
    readonly commits: number;
    readonly opened: number;
    readonly closed: number;
    readonly alerts: number;
  };
}

/** The part of a GitHub webhook that the audit reads; the rest of its body is there too. */
export interface GithubDelivery {
  readonly action?: string;
  readonly sender?: { readonly login: string };
  readonly commits?: readonly unknown[];
}
