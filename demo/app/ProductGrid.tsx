import { type ReactElement, useState } from 'react';
import type { Product } from '../events.js';
import { ProductCard } from './ProductCard.js';
import { useView } from './shop-context.js';

const categories = ['All', 'Light', 'Table', 'Rest', 'Desk'] as const;
const none: readonly Product[] = [];

export function ProductGrid(): ReactElement {
  const products = useView('catalogue.published')?.products ?? none;
  const levels = useView('inventory.levels.changed')?.levels;
  const [category, setCategory] = useState<(typeof categories)[number]>('All');
  const shown = products.filter((product) => category === 'All' || product.category === category);
  return (
    <section className="catalogue" aria-labelledby="catalogue-heading">
      <div className="intro">
        <div>
          <h1 id="catalogue-heading">Good things for small rooms</h1>
          <p className="hint">Open this page in a second tab: they share one cart.</p>
        </div>
        <fieldset className="chips">
          <legend className="hidden">Show</legend>
          {categories.map((name) => (
            <label key={name} className="chip">
              <input type="radio" name="category" checked={name === category} onChange={() => setCategory(name)} />
              {name}
            </label>
          ))}
        </fieldset>
      </div>
      <ul className="grid">
        {shown.map((product) => (
          <ProductCard key={product.id} product={product} available={levels?.[product.id]} />
        ))}
      </ul>
    </section>
  );
}
