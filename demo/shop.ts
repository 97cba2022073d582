import { createEventBus, type EventBus, type Failure } from 'crosstown';
import { shareDevtools } from 'crosstown/devtools/agent';
import { bestPractices } from 'crosstown/inspect/best-practices';
import { logger } from 'crosstown/middleware/logger';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
import { Views } from './app/views.js';
import { type AppEvents, facts, stored } from './events.js';
import { audit } from './plugins/audit/audit.js';
import { cart } from './plugins/cart/cart.js';
import { catalogue } from './plugins/catalogue/catalogue.js';
import { checkout } from './plugins/checkout/checkout.js';
import { houseRules } from './plugins/house-rules/house-rules.js';
import { notifications } from './plugins/notifications/notifications.js';
import { orders } from './plugins/orders/orders.js';
import { payment } from './plugins/payment/payment.js';
import { pricing } from './plugins/pricing/pricing.js';
import { receipts } from './plugins/receipts/receipts.js';
import { shipping } from './plugins/shipping/shipping.js';
import { policy } from './policy.js';
import { orderPlaced } from './schemas.js';
import { sealing } from './sealing.js';

/** What becomes of the live traffic beyond this tab; of the shop's own events the facts are stored and all are sent. */
export interface TrafficSettings {
  readonly store: boolean;
  readonly send: boolean;
}

export interface Shop {
  readonly bus: EventBus<AppEvents>;
  readonly views: Views;
  readonly traffic: TrafficSettings;
  /** Says, once, that the shop is open: call it when everyone who wants to hear it is there. */
  open(): void;
  close(): Promise<void>;
}

/**
 * What each of them may do stands with it; who may have to do with payments stands in `policy.ts`. The checkout comes last: it
 * reads what it has done before, and those behind it would not be there when the shop opens.
 */
const plugins = [
  houseRules,
  catalogue,
  cart,
  pricing,
  orders,
  payment,
  shipping,
  receipts,
  notifications,
  audit,
  checkout,
];

/** One tab's part of the shop: its bus and the plugins on it. The stock keeper has a bus of its own, in a worker. */
export function createShop(traffic: TrafficSettings): Shop {
  const bus: EventBus<AppEvents> = createEventBus<AppEvents>({
    name: 'shop',
    source: 'tab',
    store: indexedDbStore({ name: 'shop' }),
    transports: [broadcastChannel({ channel: 'shop' })],
    persist: traffic.store ? [...stored, 'github.**'] : stored,
    share: (type) => traffic.send || !type.startsWith('github.'),
    schemas: { 'order.placed': orderPlaced },
    codecs: sealing(),
    ...policy,
    onError: (failure) => tellFailure(bus, failure),
  });
  // Warns on the console, where the tests of the shop allow no line: what its plugins emit stays in order.
  bus.inspect(bestPractices());
  if (location.search === '?log') bus.use(logger({ pattern: facts }), { priority: 100 });
  // Panels of other tabs see what happens here even when this tab shows none.
  const unshare = shareDevtools(bus);
  const views = new Views(bus);
  void bus.install(plugins);
  let opened = false;
  return {
    bus,
    views,
    traffic,
    open: () => {
      if (!opened) bus.emit('shop.opened', { tab: bus.nodeId });
      opened = true;
    },
    close: async () => {
      views.stop();
      unshare();
      await bus.close();
    },
  };
}

/**
 * A failure is news like any other. Of handlers the bus tells itself, with `error.occurred`; the event that tells of
 * what else went wrong never leaves the tab, so it cannot fail the same way.
 */
function tellFailure(bus: EventBus<AppEvents>, { stage, error }: Failure): void {
  if (stage === 'handler' || stage === 'filter') return;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  bus.emit('shop.failed', { stage, name, message }, { local: true });
}
