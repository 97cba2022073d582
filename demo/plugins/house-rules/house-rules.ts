import { type BusEvent, definePlugin } from 'crosstown';
import { rateLimit } from 'crosstown/middleware/rate-limit';
import type { AppEvents } from '../../events.js';

interface HouseRules {
  /** So many of one thing are sold at once. */
  readonly mostPieces: number;
  /** So much is heard of the rogue in a second. */
  readonly mostNoise: number;
}

/**
 * Stands before everybody else: an order of more than a dozen of one thing is vetoed, so no plugin hears of it, nothing is
 * stored, and it never leaves the tab. Who emitted it learns of the veto from the result. Noise is vetoed likewise, where it
 * gets too much.
 */
export const houseRules = definePlugin<AppEvents, HouseRules>({
  name: 'house-rules',
  version: '1.0.0',
  permissions: { use: ['checkout.started', 'rogue.**'] },
  config: { mostPieces: 12, mostNoise: 10 },
  setup(scope) {
    const { mostPieces, mostNoise } = scope.config;
    scope.use(
      (event, next) => {
        if (!isTooLarge(event, mostPieces)) next();
      },
      { name: 'house rules' },
    );
    scope.use(rateLimit({ limit: mostNoise, windowMs: 1_000, pattern: 'rogue.**', clock: scope.clock }), {
      name: 'house rules: noise',
    });
  },
});

function isTooLarge({ type, data }: BusEvent, mostPieces: number): boolean {
  if (type !== 'checkout.started') return false;
  return (data as AppEvents['checkout.started']).lines.some(({ quantity }) => quantity > mostPieces);
}
