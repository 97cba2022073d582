import type { ReactElement, RefObject } from 'react';
import type { TrafficSettings } from '../shop.js';
import { Icon } from './Icon.js';
import { LiveTraffic } from './LiveTraffic.js';
import { RoguePlugin } from './RoguePlugin.js';
import { useView } from './shop-context.js';
import type { Theme } from './theme.js';

interface HeaderProps {
  readonly inert: boolean;
  readonly theme: Theme;
  readonly onTheme: () => void;
  readonly cartOpen: boolean;
  readonly cartButton: RefObject<HTMLButtonElement | null>;
  readonly onCart: () => void;
  readonly onTraffic: (traffic: TrafficSettings) => void;
}

export function Header(props: HeaderProps): ReactElement {
  const { inert, theme, onTheme, cartOpen, cartButton, onCart, onTraffic } = props;
  const lines = useView('cart.changed')?.lines ?? [];
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <header className="header" inert={inert}>
      <p className="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" />
          <path d="M10 7v18M22 8l-9 8 9 8" />
        </svg>
        Kiosk
      </p>
      <div className="header-tools">
        <LiveTraffic onSettings={onTraffic} />
        <RoguePlugin />
        <button
          type="button"
          className="tool"
          onClick={onTheme}
          aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        >
          <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
        </button>
        <button
          type="button"
          className="tool cart-button"
          ref={cartButton}
          aria-expanded={cartOpen}
          aria-label={`Cart, ${count === 1 ? '1 item' : `${count} items`}`}
          onClick={onCart}
        >
          <Icon name="cart" />
          <span className="count" key={count} data-empty={count === 0}>
            {count}
          </span>
        </button>
      </div>
    </header>
  );
}
