import type { EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { charge } from './gateway.js';

/**
 * Takes the money for the orders of its own tab. A card that is declined is an answer; a gateway that fails is none, and
 * is asked again: the handler only throws, `retry` says when it is called next and how often.
 */
export function payment(bus: EventBus<AppEvents>): () => void {
  const off = bus.on(
    'payment.requested',
    async (event, delivery) => {
      const { orderId, card, tab } = event.data;
      const answer = await charge(card, delivery.attempt, delivery.signal);
      if (!off.active) return;
      if (answer.ok) delivery.emit('payment.authorised', { orderId, reference: answer.reference, tab });
      else delivery.emit('payment.declined', { orderId, reason: answer.reason, tab });
    },
    {
      name: 'payment: charge',
      filter: (event) => event.data.tab === bus.nodeId,
      timeoutMs: 3_000,
      retry: { attempts: 3, delayMs: 300 },
    },
  );
  return off;
}
