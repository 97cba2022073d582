import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { TrafficSettings } from '../shop.js';
import { Activity } from './Activity.js';
import { CartPanel } from './CartPanel.js';
import { DevtoolsDock } from './DevtoolsDock.js';
import { Header } from './Header.js';
import { ProductGrid } from './ProductGrid.js';
import { useShop } from './shop-context.js';
import { useStoredState } from './stored-state.js';
import { Toasts } from './Toasts.js';
import { useTheme } from './theme.js';

const isWide = (): boolean => matchMedia('(min-width: 64rem)').matches;

export function App({ onTraffic }: { readonly onTraffic: (traffic: TrafficSettings) => void }): ReactElement {
  const shop = useShop();
  const [theme, toggleTheme] = useTheme();
  const [devtools, setDevtools] = useStoredState<'open' | 'closed'>('shop.devtools', isWide() ? 'open' : 'closed');
  const [cartOpen, setCartOpen] = useState(false);
  const cartButton = useRef<HTMLButtonElement>(null);
  // The panel below watches from the first event on: it is there before the shop opens.
  useEffect(() => shop.open(), [shop]);

  const closeCart = (): void => {
    setCartOpen(false);
    cartButton.current?.focus();
  };
  return (
    <div className="app">
      <Header
        theme={theme}
        onTheme={toggleTheme}
        devtoolsOpen={devtools === 'open'}
        onDevtools={() => setDevtools(devtools === 'open' ? 'closed' : 'open')}
        cartOpen={cartOpen}
        cartButton={cartButton}
        onCart={() => setCartOpen(!cartOpen)}
        onTraffic={onTraffic}
      />
      <div className="stage">
        <main className="scroller" inert={cartOpen && !isWide()}>
          <ProductGrid />
          <Activity />
        </main>
        {cartOpen && <CartPanel onClose={closeCart} />}
        <Toasts />
      </div>
      {devtools === 'open' && <DevtoolsDock key={shop.bus.nodeId} />}
    </div>
  );
}
