import { type BusEvent, definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { charge, refund } from './gateway.js';

/**
 * Takes money and gives it back, wherever it was asked for: of all tabs one is on duty. A card that is declined is an
 * answer; a gateway that fails is none, and is asked again: the handler only throws, `retry` says when it is called next and
 * how often. What a tab that crashed had asked for is asked for by the next one, under the same key, so it is paid once.
 */
export const payment = definePlugin<AppEvents>({
  name: 'payment',
  version: '1.0.0',
  permissions: {
    on: ['payment.requested', 'payment.refund.requested'],
    emit: ['payment.authorised', 'payment.declined', 'payment.refunded', 'payment.refund.refused'],
  },
  setup(scope) {
    const patience = { timeoutMs: 10_000, retry: { attempts: 3, delayMs: 300 } };
    scope.on(
      'payment.requested',
      async (event, { attempt, signal, emit }) => {
        const { orderId, amountCents, card } = event.data;
        const answer = await charge({ key: keyOf(event), amountCents, card }, attempt, signal);
        if (answer.ok) emit('payment.authorised', { orderId, reference: answer.reference });
        else emit('payment.declined', { orderId, reason: answer.reason });
      },
      { ...patience, name: 'charge', group: 'charges' },
    );
    scope.on(
      'payment.refund.requested',
      async (event, { signal, emit }) => {
        const { orderId, reference } = event.data;
        if (await refund(reference, signal)) emit('payment.refunded', { orderId });
        else emit('payment.refund.refused', { orderId, reason: 'The payment gateway does not refund it' });
      },
      { ...patience, name: 'refund', group: 'refunds' },
    );
  },
});

/** A command that a crash has sent twice has one key, as the saga gives it. */
function keyOf({ id, metadata }: BusEvent): string {
  const { idempotencyKey = id } = metadata as { readonly idempotencyKey?: string };
  return idempotencyKey;
}
