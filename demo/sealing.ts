import type { Codec } from 'crosstown';
import { aesGcm, storedKeyring } from 'crosstown/codecs/aes-gcm';

/**
 * Payments, and the checkout's copies of them, are sealed where they leave a bus, for the store and for other tabs. The browser keeps the key, for all tabs
 * and workers of the shop, and shows it to no script: what is copied out of the database, or heard on the channel, is of no
 * use elsewhere.
 */
export function sealing(): readonly Codec[] {
  return [aesGcm({ keys: storedKeyring({ name: 'shop' }), patterns: ['payment.**', 'saga.checkout.**'] })];
}
