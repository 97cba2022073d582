import { Component, type ReactElement, type ReactNode, StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, expect, vi } from 'vitest';
import { type BusOptions, createEventBus, type EventBus } from '../index.js';
import { createEventHooks } from './index.js';

export interface ShopEvents {
  'cart.added': { sku: string };
  'cart.cleared': undefined;
  tick: number;
}

export const shop = createEventHooks<ShopEvents>();

const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A bus that ends with the test. */
export function openBus(options: BusOptions = {}): EventBus<ShopEvents> {
  const bus = createEventBus<ShopEvents>({ onError: () => {}, ...options });
  endings.push(() => bus.close());
  return bus;
}

/** A root on the page, and what it shows. */
export interface Page {
  readonly root: Root;
  readonly element: HTMLElement;
  /** Renders, and resolves when the page shows it, all effects included. */
  show(node: ReactNode): Promise<void>;
}

export function openPage(): Page {
  const element = document.body.appendChild(document.createElement('div'));
  const root = createRoot(element);
  endings.push(() => {
    root.unmount();
    element.remove();
  });
  let shown = 0;
  // First, as React mounts twice only what comes into a tree that is there, if strict mode does not begin at its root.
  flushSync(() => root.render(<div />));
  return {
    root,
    element,
    async show(node) {
      const mark = String(++shown);
      root.render(
        <div>
          {node}
          <i data-shown={mark} />
        </div>,
      );
      await vi.waitFor(() => expect(element.querySelector(`[data-shown="${mark}"]`)).not.toBeNull());
      await nextFrame();
    },
  };
}

/** What strict mode makes of an element, with a bus around it. */
export const strict = (bus: EventBus<ShopEvents>, node: ReactNode): ReactElement => (
  <StrictMode>
    <shop.EventBusProvider bus={bus}>{node}</shop.EventBusProvider>
  </StrictMode>
);

/** The page has painted, and React has run its passive effects. */
export const nextFrame = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));

/** What a component waits for; thrown, as every React takes that for waiting. */
export class Wait {
  readonly arrival: Promise<void>;
  arrive!: (text: string) => void;
  #text: string | undefined;

  constructor(text?: string) {
    this.#text = text;
    this.arrival = new Promise((resolve) => {
      this.arrive = (arrived) => {
        this.#text = arrived;
        resolve();
      };
    });
  }

  read(): string {
    if (this.#text === undefined) throw this.arrival;
    return this.#text;
  }
}

/** Shows the code of what is thrown below it. */
export class Boundary extends Component<{ readonly children?: ReactNode }, { readonly error?: unknown }> {
  override state: { readonly error?: unknown } = {};

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (!('error' in this.state)) return this.props.children;
    const { code, message } = this.state.error as { readonly code?: string; readonly message: string };
    return `refused: ${code ?? message}`;
  }
}
