import type { BusOptions } from 'crosstown';

const READ = 'payment:read';
const WRITE = 'payment:write';

/**
 * Who may have to do with payments, on every bus of the shop: those who take them, and the audit, which reads them. A plugin
 * that is not named here gets none, whatever permissions it gives itself, and one that names no permissions may do nothing.
 * Each bus has the same policy, as each decides by itself what it takes from others.
 */
export const policy = {
  trust: { till: ['checkout', 'payment'], books: ['audit'] },
  grants: { till: [READ, WRITE], books: [READ] },
  protect: { 'payment.**': { read: READ, write: WRITE } },
  pluginDefaults: {},
} as const satisfies Pick<BusOptions, 'trust' | 'grants' | 'protect' | 'pluginDefaults'>;
