import { defineSaga } from 'crosstown/flows/saga';
import type { AppEvents } from '../../events.js';

/** So long the customer waits for an answer before anything is paid; what is paid is fetched, however long that takes. */
const PATIENCE_MS = 30_000;

const cancelled = 'checkout.cancelled';

/**
 * Leads an order from start to end: the goods are held, priced, paid and fetched, and only then is the order placed. Where
 * that goes wrong, or the customer has changed their mind, what was done is taken back. Every tab has it and one of them
 * leads all orders; when that crashes another goes on, or the next one that opens.
 */
export const checkout = defineSaga<AppEvents>({
  name: 'checkout',
  startOn: 'checkout.started',
  id: ({ data }) => (data as { readonly orderId?: string }).orderId,
  emits: [
    'inventory.hold.*',
    'inventory.goods.requested',
    'pricing.quote.requested',
    'payment.requested',
    'payment.refund.requested',
    'order.*',
  ],
  steps: [
    {
      name: 'reserve',
      send: ({ id: orderId, start }) => ({
        type: 'inventory.hold.requested',
        data: { orderId, lines: start.data.lines },
      }),
      completedOn: 'inventory.hold.placed',
      failedOn: ['inventory.hold.refused', cancelled],
      timeoutMs: PATIENCE_MS,
      compensate: ({ id: orderId }) => ({ type: 'inventory.hold.cancelled', data: { orderId } }),
      compensatedOn: 'inventory.hold.released',
    },
    {
      name: 'price',
      send: ({ id: orderId, start }) => ({
        type: 'pricing.quote.requested',
        data: { orderId, lines: start.data.lines },
      }),
      completedOn: 'pricing.quoted',
      failedOn: cancelled,
      timeoutMs: PATIENCE_MS,
    },
    {
      name: 'pay',
      send: ({ id: orderId, start, resultOf }) => ({
        type: 'payment.requested',
        data: { orderId, amountCents: resultOf('pricing.quoted').total.totalCents, card: start.data.card },
      }),
      completedOn: 'payment.authorised',
      failedOn: ['payment.declined', cancelled],
      timeoutMs: PATIENCE_MS,
      compensate: ({ id: orderId, resultOf }) => ({
        type: 'payment.refund.requested',
        data: { orderId, reference: resultOf('payment.authorised').reference },
      }),
      compensatedOn: 'payment.refunded',
      compensationFailedOn: 'payment.refund.refused',
    },
    {
      name: 'fetch',
      send: ({ id: orderId, start }) => ({
        type: 'inventory.goods.requested',
        data: { orderId, lines: start.data.lines },
      }),
      completedOn: 'inventory.goods.fetched',
      failedOn: ['inventory.goods.missing', cancelled],
    },
  ],
  completed: ({ id: orderId, start, resultOf }) => {
    const { lines, service, tab } = start.data;
    const { totalCents } = resultOf('pricing.quoted').total;
    return { type: 'order.placed', data: { orderId, lines, totalCents, service, tab } };
  },
  failed: ({ id: orderId, start, failure }) => ({
    type: 'order.failed',
    data: { orderId, reason: reasonOf(failure?.event), tab: start.data.tab },
  }),
});

type Answer = { readonly type: string; readonly data: unknown } | undefined;

/** Why there is no order, in the words of whoever said so. */
function reasonOf(answer: Answer): string {
  switch (answer?.type) {
    case undefined:
      return 'Nobody answered in time';
    case cancelled:
      return 'You cancelled it';
    case 'payment.declined':
      return (answer.data as AppEvents['payment.declined']).reason;
    default:
      return 'Not everything is in stock any more';
  }
}
