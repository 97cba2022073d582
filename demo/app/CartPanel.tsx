import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { CartLines } from './CartLines.js';
import { Checkout } from './Checkout.js';
import { Icon } from './Icon.js';

interface CartPanelProps {
  /** Whether it lies over the shop; else it is beside the shop, and both are in use. */
  readonly modal: boolean;
  readonly onClose: () => void;
}

/** The cart, and the way from it to an order. */
export function CartPanel({ modal, onClose }: CartPanelProps): ReactElement {
  const [stage, setStage] = useState<'cart' | 'checkout'>('cart');
  const heading = useRef<HTMLHeadingElement>(null);
  const focusHeading = (): void => heading.current?.focus();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each stage begins at its heading.
  useEffect(focusHeading, [stage]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <section
      className="cart-panel"
      aria-labelledby="cart-heading"
      onKeyDown={onKeyDown}
      {...(modal ? { role: 'dialog', 'aria-modal': true } : {})}
    >
      <div className="panel-head">
        {stage === 'checkout' && (
          <button type="button" className="tool" aria-label="Back to cart" onClick={() => setStage('cart')}>
            <Icon name="back" />
          </button>
        )}
        <h2 id="cart-heading" tabIndex={-1} ref={heading}>
          {stage === 'cart' ? 'Your cart' : 'Checkout'}
        </h2>
        <button type="button" className="tool" aria-label="Close cart" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {stage === 'cart' ? (
        <CartLines onCheckout={() => setStage('checkout')} />
      ) : (
        <Checkout onDone={onClose} onTurn={focusHeading} />
      )}
    </section>
  );
}
