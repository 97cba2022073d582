import { CrosstownDevtools } from 'crosstown/devtools';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { TrafficSettings } from '../shop.js';
import { Activity } from './Activity.js';
import { CartPanel } from './CartPanel.js';
import { Header } from './Header.js';
import { isWide, useIsWide } from './media.js';
import { ProductGrid } from './ProductGrid.js';
import { useShop } from './shop-context.js';
import { Toasts } from './Toasts.js';
import { useTheme } from './theme.js';

export function App({ onTraffic }: { readonly onTraffic: (traffic: TrafficSettings) => void }): ReactElement {
  const shop = useShop();
  const [theme, toggleTheme] = useTheme();
  const [cartOpen, setCartOpen] = useState(false);
  // Without room beside it the cart lies over the shop, which then waits.
  const covered = !useIsWide() && cartOpen;
  const cartButton = useRef<HTMLButtonElement>(null);
  // The devtools watch from the first event on: they are there before the shop opens.
  useEffect(() => shop.open(), [shop]);

  const closeCart = (): void => {
    // At once: what is still inert cannot take the focus back.
    flushSync(() => setCartOpen(false));
    cartButton.current?.focus();
  };
  return (
    <>
      <div className="app">
        <Header
          inert={covered}
          theme={theme}
          onTheme={toggleTheme}
          cartOpen={cartOpen}
          cartButton={cartButton}
          onCart={() => setCartOpen(!cartOpen)}
          onTraffic={onTraffic}
        />
        <div className="stage">
          <main className="scroller" inert={covered}>
            <ProductGrid />
            <Activity />
          </main>
          {cartOpen && <CartPanel modal={covered} onClose={closeCart} />}
          <Toasts />
        </div>
      </div>
      <CrosstownDevtools key={shop.bus.nodeId} bus={shop.bus} theme={theme} initialOpen={isWide()} />
    </>
  );
}
