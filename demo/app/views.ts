import type { EventBus } from 'crosstown';
import type { AppEvents } from '../events.js';

const shown = [
  'catalogue.published',
  'cart.changed',
  'inventory.levels.changed',
  'pricing.total.changed',
  'checkout.orders.changed',
  'audit.summary.changed',
] as const;

export type View = (typeof shown)[number];

/** The latest of each event that the page shows: what the plugins say, in the form a page can draw. */
export class Views {
  readonly #latest = new Map<View, unknown>();
  readonly #watchers = new Map<View, Set<() => void>>();
  readonly stop: () => void;

  constructor(bus: EventBus<AppEvents>) {
    this.stop = bus.on(
      shown,
      ({ type, data }, { node }) => {
        // A tab shows what its own plugins say; the stock alone is kept elsewhere.
        if (node !== bus.nodeId && type !== 'inventory.levels.changed') return;
        this.#latest.set(type, data);
        for (const changed of this.#watchers.get(type) ?? []) changed();
      },
      { name: 'page: show' },
    );
  }

  latest<K extends View>(type: K): AppEvents[K] | undefined {
    return this.#latest.get(type) as AppEvents[K] | undefined;
  }

  watch(type: View, changed: () => void): () => void {
    const watchers = this.#watchers.get(type) ?? new Set();
    this.#watchers.set(type, watchers.add(changed));
    return () => void watchers.delete(changed);
  }
}
