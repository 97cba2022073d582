import type { EventBus } from 'crosstown';
import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.js';
import { ShopContext } from './app/shop-context.js';
import type { AppEvents } from './events.js';
import { startInventory } from './plugins/inventory/start-inventory.js';
import { createShop, type Shop, type TrafficSettings } from './shop.js';
import './app/styles/page.css';

declare global {
  /** The tab's bus, for the console: `shop.emit('cart.item.added', …)`. */
  var shop: EventBus<AppEvents>;
}

const root = createRoot(document.getElementById('root') as HTMLElement);

/** Shows a shop; a change of what is stored and sent takes another bus, and with it another shop. */
function show(shop: Shop): void {
  globalThis.shop = shop.bus;
  const change = (traffic: TrafficSettings): void => {
    // At once: the page has let go of the old bus before it is closed.
    flushSync(() => show(createShop(traffic)));
    void shop.close();
  };
  root.render(
    <StrictMode>
      <ShopContext value={shop}>
        <App onTraffic={change} />
      </ShopContext>
    </StrictMode>,
  );
}

startInventory();
show(createShop({ store: false, send: false }));
