import { useEffect } from 'react';
import type { Dock } from './panel-options.js';

const properties: Partial<Record<Dock, string>> = {
  bottom: '--crosstown-devtools-bottom',
  right: '--crosstown-devtools-right',
};

/**
 * Tells the page how much of its window the panel covers, as a custom property of the document's root element, so
 * that a page can make room: `padding-bottom: var(--crosstown-devtools-bottom, 0)`.
 */
export function useRoom(dock: Dock, size: number): void {
  useEffect(() => {
    const property = properties[dock];
    if (property === undefined) return;
    const { style } = document.documentElement;
    style.setProperty(property, `${size}px`);
    return () => {
      style.removeProperty(property);
    };
  }, [dock, size]);
}
