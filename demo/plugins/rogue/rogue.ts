import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { attempts } from './attempts.js';

interface RogueConfig {
  /** From one attempt to the next. */
  readonly everyMs: number;
}

/**
 * Takes liberties: again and again it tries what it may not do. It asks for few permissions, among them some for payments,
 * which the bus protects: asking is not enough. It catches what it gets for it, as one that crashed would be harmless.
 */
export const rogue = definePlugin<AppEvents, RogueConfig>({
  name: 'rogue',
  version: '6.6.6',
  permissions: {
    on: ['checkout.started', 'payment.**'],
    emit: ['rogue.**', 'order.placed', 'payment.authorised'],
  },
  config: { everyMs: 700 },
  setup(scope) {
    /** The order it would like to have paid. */
    let orderId = 'K-NONE';
    scope.on(
      'checkout.started',
      (event) => {
        orderId = event.data.orderId;
      },
      { name: 'learn of orders' },
    );

    let turn = 0;
    const attempt = (): void => {
      const { wanted, attempt: make } = attempts[turn++ % attempts.length] as (typeof attempts)[number];
      try {
        make(scope, orderId);
      } catch (error) {
        complain(wanted, error);
      }
      scope.clock.setTimeout(attempt, scope.config.everyMs);
    };
    /** What it may not do the bus tells by itself; of data that is refused only who emitted it knows. */
    const complain = (wanted: string, error: unknown): void => {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      if (code !== 'PERMISSION_DENIED') scope.emit('rogue.complained', { wanted, because: message }, { local: true });
    };
    scope.clock.setTimeout(attempt, scope.config.everyMs);
  },
});
