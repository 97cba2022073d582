import { definePlugin } from 'crosstown';
import type { AppEvents, Line } from '../../events.js';
import { follow } from '../../follow.js';
import { totalOf } from './total.js';

const followed = ['inventory.reserved', 'inventory.released', 'order.placed'] as const;

/** Knows what things cost: it prices what is reserved, in every tab; of all tabs one quotes the orders. */
export const pricing = definePlugin<AppEvents>({
  name: 'pricing',
  version: '1.0.0',
  dependsOn: ['catalogue'],
  permissions: {
    on: ['catalogue.published', 'pricing.quote.requested', ...followed],
    emit: ['pricing.total.changed', 'pricing.quoted', 'shop.failed'],
  },
  setup(scope) {
    const prices = new Map<string, number>();
    let tellPricesKnown = (): void => {};
    const pricesKnown = new Promise<void>((resolve) => {
      tellPricesKnown = resolve;
    });
    const reserved = new Map<string, number>();
    const priceOf = (productId: string): number => prices.get(productId) ?? 0;
    const change = ({ productId, quantity }: Line, sign: 1 | -1): void => {
      reserved.set(productId, Math.max(0, (reserved.get(productId) ?? 0) + sign * quantity));
    };
    const view = (): AppEvents['pricing.total.changed'] => ({
      total: totalOf(
        [...reserved].map(([productId, quantity]) => ({ productId, quantity })),
        priceOf,
      ),
    });

    scope.on(
      'catalogue.published',
      (event, delivery) => {
        for (const { id, priceCents } of event.data.products) prices.set(id, priceCents);
        tellPricesKnown();
        delivery.emit('pricing.total.changed', view(), { local: true });
      },
      { name: 'learn prices' },
    );
    follow(
      scope,
      followed,
      (event, delivery) => {
        if (event.type === 'order.placed') for (const line of event.data.lines) change(line, -1);
        else change(event.data, event.type === 'inventory.reserved' ? 1 : -1);
        const added = event.type === 'inventory.reserved' ? { added: event.data } : {};
        delivery?.emit('pricing.total.changed', { ...view(), ...added });
      },
      { name: 'total', caughtUp: () => scope.emit('pricing.total.changed', view(), { local: true }) },
    );
    scope.on(
      'pricing.quote.requested',
      async (event, delivery) => {
        // An order that a crash has interrupted is there before the catalogue of a new tab is.
        await pricesKnown;
        const { orderId, lines } = event.data;
        delivery.emit('pricing.quoted', { orderId, total: totalOf(lines, priceOf) });
      },
      { name: 'quote', group: 'quotes' },
    );
  },
});
