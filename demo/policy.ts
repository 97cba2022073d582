import type { BusOptions } from 'crosstown';

const READ = 'payment:read';
const WRITE = 'payment:write';

const protection = { read: READ, write: WRITE };

/**
 * Who may have to do with payments, on every bus of the shop: those who take them, and those who read them, for the audit
 * and for the customer's orders. What the checkout says of itself holds copies of payments, so the same goes for it. A plugin
 * that is not named here gets none, whatever permissions it gives itself, and one that names no permissions may do nothing.
 * Each bus has the same policy, as each decides by itself what it takes from others.
 */
export const policy = {
  trust: { till: ['saga.checkout', 'payment'], books: ['audit', 'orders'] },
  grants: { till: [READ, WRITE], books: [READ] },
  protect: { 'payment.**': protection, 'saga.checkout.**': protection },
  pluginDefaults: {},
} as const satisfies Pick<BusOptions, 'trust' | 'grants' | 'protect' | 'pluginDefaults'>;
