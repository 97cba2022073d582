import type { ReactElement } from 'react';
import type { Product } from '../events.js';
import { ProductArt } from './art/ProductArt.js';
import { formatMoney } from './money.js';
import { useShop } from './shop-context.js';

const FEW = 3;

interface ProductCardProps {
  readonly product: Product;
  /** How many can be had; undefined until the stock keeper has said. */
  readonly available: number | undefined;
}

export function ProductCard({ product, available }: ProductCardProps): ReactElement {
  const { bus } = useShop();
  const { id, name, description, priceCents } = product;
  const add = (): void => void bus.emit('cart.item.added', { productId: id, quantity: 1, tab: bus.nodeId });
  return (
    <li className="product">
      <ProductArt productId={id} />
      <div className="product-text">
        <h2>{name}</h2>
        <p>{description}</p>
      </div>
      <div className="product-buy">
        <p className="price">
          {formatMoney(priceCents)}
          <span className="stock" data-low={available !== undefined && available <= FEW}>
            {stockNote(available)}
          </span>
        </p>
        <button
          type="button"
          className="button small"
          onClick={add}
          disabled={available === 0}
          aria-label={`Add ${name} to cart`}
        >
          Add
        </button>
      </div>
    </li>
  );
}

function stockNote(available: number | undefined): string {
  if (available === undefined) return '\u00a0';
  if (available <= 0) return 'Sold out';
  return available <= FEW ? `Only ${available} left` : 'In stock';
}
