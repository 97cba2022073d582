import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { charge } from './gateway.js';

/**
 * Takes the money for the orders of its own tab. A card that is declined is an answer; a gateway that fails is none, and
 * is asked again: the handler only throws, `retry` says when it is called next and how often. An uninstall waits for an
 * answer that is on its way, as the money may have been taken.
 */
export const payment = definePlugin<AppEvents>({
  name: 'payment',
  version: '1.0.0',
  permissions: { on: 'payment.requested', emit: ['payment.authorised', 'payment.declined'] },
  setup(scope) {
    scope.on(
      'payment.requested',
      async (event, delivery) => {
        const { orderId, card, tab } = event.data;
        const answer = await charge(card, delivery.attempt, delivery.signal);
        if (answer.ok) delivery.emit('payment.authorised', { orderId, reference: answer.reference, tab });
        else delivery.emit('payment.declined', { orderId, reason: answer.reason, tab });
      },
      {
        name: 'charge',
        filter: (event) => event.data.tab === scope.nodeId,
        timeoutMs: 3_000,
        retry: { attempts: 3, delayMs: 300 },
      },
    );
  },
});
