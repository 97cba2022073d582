import { definePlugin } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { products } from './products.js';

/** Knows what there is to buy, and says so when its tab opens. */
export const catalogue = definePlugin<AppEvents>({
  name: 'catalogue',
  version: '1.0.0',
  permissions: { on: 'shop.opened', emit: 'catalogue.published' },
  setup(scope) {
    scope.on(
      'shop.opened',
      (event, delivery) => {
        if (event.data.tab === scope.nodeId) delivery.emit('catalogue.published', { products }, { local: true });
      },
      { name: 'publish' },
    );
  },
});
