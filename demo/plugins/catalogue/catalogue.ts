import type { EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { products } from './products.js';

/** Knows what there is to buy, and says so when its tab opens. */
export function catalogue(bus: EventBus<AppEvents>): () => void {
  return bus.on(
    'shop.opened',
    (event, delivery) => {
      if (event.data.tab === bus.nodeId) delivery.emit('catalogue.published', { products }, { local: true });
    },
    { name: 'catalogue: publish' },
  );
}
