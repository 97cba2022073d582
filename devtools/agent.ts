/**
 * Lets panels in other tabs see what the handlers of a bus do here: for workers, and for pages without a panel.
 *
 * @module
 */

import { type SharedBus, shareBus } from './model/share.js';

/** How a bus is shared with the panels of other nodes. */
export interface ShareOptions {
  /** Name of the BroadcastChannel to meet on; made from the `name` of the bus by default. */
  readonly channel?: string;
}

/**
 * Tells panels in other pages of the same origin when this bus's handlers ran, for how long and how they ended, until
 * the returned function is called. Data is never sent, nor what errors say of events that a codec covers, and while no
 * such panel is open this costs nothing.
 *
 * @example
 * import { createEventBus } from 'crosstown';
 * import { shareDevtools } from 'crosstown/devtools/agent';
 *
 * const bus = createEventBus({ source: 'pricing' });
 * const stop = shareDevtools(bus);
 */
export function shareDevtools(bus: SharedBus, options: ShareOptions = {}): () => void {
  return shareBus(bus, options.channel);
}
