import type { BusEvent, EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';

const MOST_PIECES = 12;

/**
 * Stands before everybody else: an order of more than a dozen of one thing is vetoed, so no module hears of it, nothing
 * is stored, and it never leaves the tab. Who emitted it learns of the veto from the result.
 */
export function houseRules(bus: EventBus<AppEvents>): () => void {
  return bus.use(
    (event, next) => {
      if (!isTooLarge(event)) next();
    },
    { name: 'house rules' },
  );
}

function isTooLarge({ type, data }: BusEvent): boolean {
  if (type !== 'checkout.started') return false;
  return (data as AppEvents['checkout.started']).lines.some(({ quantity }) => quantity > MOST_PIECES);
}
