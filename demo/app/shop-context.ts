import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { AppEvents } from '../events.js';
import type { Shop } from '../shop.js';
import type { View } from './views.js';

export const ShopContext = createContext<Shop | undefined>(undefined);

export function useShop(): Shop {
  const shop = useContext(ShopContext);
  if (shop === undefined) throw new Error('There is no shop here. Render this inside a ShopContext.');
  return shop;
}

/** The latest data of a view, and again when it changes; undefined until its plugin has said something. */
export function useView<K extends View>(type: K): AppEvents[K] | undefined {
  const { views } = useShop();
  const watch = useCallback((changed: () => void) => views.watch(type, changed), [views, type]);
  return useSyncExternalStore(watch, () => views.latest(type));
}
