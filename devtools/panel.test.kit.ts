import { afterEach, beforeEach } from 'vitest';
import { page } from 'vitest/browser';
import { type BusOptions, createEventBus, type EventBus } from '../core/index.js';
import { type DevtoolsOptions, mountDevtools } from './index.js';

const endings: (() => unknown)[] = [];

/** Does something after the test, the last first. */
export const afterwards = (end: () => unknown): void => void endings.push(end);

beforeEach(async () => {
  localStorage.clear();
  await page.viewport(1280, 800);
});

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** What a test sees of a panel. */
export interface OpenedPanel {
  readonly bus: EventBus;
  /** The element the panel is mounted in. */
  readonly element: HTMLElement;
  readonly root: ShadowRoot;
  readonly unmount: () => void;
  /** Every element in the panel that fits a selector. */
  all(selector: string): HTMLElement[];
  /** The text of the events in the list, column by column. */
  rows(column?: string): string[];
}

/** Makes a bus and mounts a panel beside it in an element of 1200 x 600. */
export function openPanel(options: DevtoolsOptions = {}, busOptions: BusOptions = {}): OpenedPanel {
  const bus = createEventBus({ source: 'web', onError: () => {}, ...busOptions });
  const element = document.body.appendChild(document.createElement('div'));
  element.style.cssText = 'width: 1200px; height: 600px';
  const unmount = mountDevtools(bus, element, { dock: 'inline', shareChannel: false, ...options });
  afterwards(() => bus.close({ timeoutMs: 0 }));
  afterwards(() => {
    unmount();
    element.remove();
  });
  const root = element.querySelector('[data-crosstown-devtools]')?.shadowRoot;
  if (root == null) throw new Error('the panel has no shadow root');
  const all = (selector: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)];
  const rows = (column = 'col-type'): string[] =>
    all('[data-sequence]')
      .sort((a, b) => Number(a.dataset['sequence']) - Number(b.dataset['sequence']))
      .map((row) => row.querySelector(`.${column}`)?.textContent ?? '');
  return { bus, element, root, unmount, all, rows };
}
