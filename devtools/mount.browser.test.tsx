import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { createEventBus, type EventBus } from '../core/index.js';
import { memoryStore } from '../core/stores/memory.js';
import { CrosstownDevtools } from './index.js';
import { afterwards, openPanel } from './panel.test.kit.js';

/** How many observers a bus has, from now on. */
function observers(bus: EventBus): () => number {
  const inspect = bus.inspect.bind(bus);
  let count = 0;
  vi.spyOn(bus, 'inspect').mockImplementation((observer) => {
    const stop = inspect(observer);
    count++;
    return () => {
      count--;
      stop();
    };
  });
  return () => count;
}

const hosts = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-crosstown-devtools]')];

function makeRoot() {
  const element = document.body.appendChild(document.createElement('div'));
  const root = createRoot(element);
  afterwards(() => {
    root.unmount();
    element.remove();
  });
  return root;
}

describe('the component', () => {
  it('mounts once in strict mode, and leaves nothing behind', async () => {
    const errors = vi.spyOn(console, 'error');
    const bus = createEventBus();
    const count = observers(bus);
    const root = makeRoot();
    root.render(
      <StrictMode>
        <CrosstownDevtools bus={bus} shareChannel={false} />
      </StrictMode>,
    );
    await expect.element(page.getByRole('region', { name: 'Crosstown devtools' })).toBeVisible();
    expect([hosts().length, count()]).toEqual([1, 1]);
    root.render(null);
    await vi.waitFor(() => expect([hosts().length, count()]).toEqual([0, 0]));
    await vi.waitFor(() => expect(document.documentElement.style.cssText).not.toContain('crosstown'));
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
  });

  it('takes new options without losing what it has recorded, and a new bus with a new recorder', async () => {
    const first = createEventBus();
    const second = createEventBus();
    const root = makeRoot();
    root.render(<CrosstownDevtools bus={first} theme="dark" shareChannel={false} />);
    await vi.waitFor(() => expect(hosts()).toHaveLength(1));
    const panel = () => hosts()[0]?.shadowRoot?.querySelector<HTMLElement>('.crosstown');
    await vi.waitFor(() => expect(panel()?.dataset['theme']).toBe('dark'));
    first.emit('kept', 1);
    await expect.element(page.getByText('kept')).toBeVisible();
    root.render(<CrosstownDevtools bus={first} theme="light" shareChannel={false} />);
    await vi.waitFor(() => expect(panel()?.dataset['theme']).toBe('light'));
    await expect.element(page.getByText('kept')).toBeVisible();
    root.render(<CrosstownDevtools bus={second} shareChannel={false} />);
    await expect.element(page.getByText('Listening')).toBeVisible();
    expect(hosts()).toHaveLength(1);
  });

  it('keeps its clicks and keys from the application around it', async () => {
    const onClick = vi.fn();
    const onKeyDown = vi.fn();
    const root = makeRoot();
    const bus = createEventBus();
    root.render(
      // biome-ignore lint/a11y/noStaticElementInteractions: an application that listens to everything is what is tested.
      <div onClick={onClick} onKeyDown={onKeyDown}>
        <CrosstownDevtools bus={bus} shareChannel={false} />
      </div>,
    );
    await page.getByRole('tab', { name: 'Trace' }).click();
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByRole('searchbox').fill('x');
    expect(onClick).not.toHaveBeenCalled();
    expect(onKeyDown).not.toHaveBeenCalled();
  });
});

describe('the mounted panel', () => {
  it('records from the first event on, and stops when it is taken down', async () => {
    const { bus, rows, unmount, element } = openPanel();
    const count = observers(bus);
    bus.emit('first', 1);
    await vi.waitFor(() => expect(rows()).toEqual(['first']));
    unmount();
    expect(element.children).toHaveLength(0);
    expect(count()).toBe(0);
    bus.emit('unseen', 1);
    unmount();
  });

  it('shows what the store has from before', async () => {
    const store = memoryStore();
    const before = createEventBus({ store });
    await before.emit('from.yesterday', { kept: true }).persisted;
    const { rows } = openPanel({}, { store });
    await vi.waitFor(() => expect(rows()).toEqual(['from.yesterday']));
    expect(rows('col-status')).toEqual(['stored']);
    expect(rows('col-node')).toEqual(['store']);
  });

  it('is touched by no style of the page, and touches none', async () => {
    const style = document.head.appendChild(document.createElement('style'));
    afterwards(() => style.remove());
    style.textContent =
      '* { letter-spacing: 9px !important; color: red } div { display: none; position: fixed } button { all: unset !important }';
    const outside = document.body.appendChild(document.createElement('button'));
    afterwards(() => outside.remove());
    const { element, all } = openPanel();
    element.style.display = 'block';
    await vi.waitFor(() => expect(all('.tabs [role=tab]')).toHaveLength(4));
    const tab = getComputedStyle(all('.tabs [role=tab]')[0] as Element);
    expect([tab.letterSpacing, tab.paddingLeft]).toEqual(['normal', '10px']);
    expect(all('.panel')[0]?.offsetHeight).toBe(600);
    expect(getComputedStyle(outside).paddingLeft).toBe('0px');
  });

  it('brings its style to a page whose policy forbids inline styles', async () => {
    const { root, all } = openPanel();
    await vi.waitFor(() => expect(all('.panel')).toHaveLength(1));
    expect(root.adoptedStyleSheets).toHaveLength(1);
    expect(all('style')).toHaveLength(0);
  });
});

describe('the docked panel', () => {
  it('is moved, sized with the keyboard, and tells the page how much it covers', async () => {
    const { all } = openPanel({ dock: 'bottom' });
    const room = (edge: string): string =>
      document.documentElement.style.getPropertyValue(`--crosstown-devtools-${edge}`);
    await vi.waitFor(() => expect(room('bottom')).toBe('380px'));
    expect(all('.panel')[0]?.getBoundingClientRect().bottom).toBe(innerHeight);
    const splitter = all('.panel > [role=separator]')[0] as HTMLElement;
    splitter.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, composed: true }));
    await vi.waitFor(() => expect(room('bottom')).toBe('396px'));
    expect(all('.panel')[0]?.offsetHeight).toBe(396);
    await page.getByRole('button', { name: 'Dock to the right' }).click();
    await vi.waitFor(() => expect(room('right')).toBe('620px'));
    expect(room('bottom')).toBe('');
  });

  it('is sized with the pointer', async () => {
    const { all } = openPanel({ dock: 'bottom' });
    await vi.waitFor(() => expect(all('.panel')).toHaveLength(1));
    const splitter = all('.panel > [role=separator]')[0] as HTMLElement;
    vi.spyOn(splitter, 'setPointerCapture').mockImplementation(() => {});
    const move = (type: string, clientY: number): boolean =>
      splitter.dispatchEvent(
        new PointerEvent(type, { clientY, button: 0, pointerId: 1, bubbles: true, composed: true }),
      );
    move('pointerdown', 420);
    move('pointermove', 320);
    move('pointerup', 320);
    await vi.waitFor(() => expect(all('.panel')[0]?.offsetHeight).toBe(480));
    move('pointermove', 200);
    expect(all('.panel')[0]?.offsetHeight).toBe(480);
  });

  it('closes to a button that counts, and opens again', async () => {
    const { bus, all, rows } = openPanel({ dock: 'bottom' });
    await page.getByRole('button', { name: 'Close devtools' }).click();
    bus.emit('meanwhile', 1);
    await expect.element(page.getByRole('button', { name: 'Open Crosstown devtools' })).toHaveTextContent('1');
    expect(all('.panel')).toHaveLength(0);
    await page.getByRole('button', { name: 'Open Crosstown devtools' }).click();
    await vi.waitFor(() => expect(rows()).toEqual(['meanwhile']));
  });

  it('lets the application close it', async () => {
    const onClose = vi.fn();
    openPanel({ onClose });
    await page.getByRole('button', { name: 'Close devtools' }).click();
    expect(onClose).toHaveBeenCalledOnce();
    await expect.element(page.getByRole('region', { name: 'Crosstown devtools' })).toBeVisible();
  });

  it('is a sheet on a phone, where an event covers the list', async () => {
    await page.viewport(390, 844);
    const { bus, all, rows } = openPanel({ dock: 'right' });
    bus.emit('tick', { a: 1 });
    await vi.waitFor(() => expect(rows()).toEqual(['tick']));
    await vi.waitFor(() => {
      const sheet = all('.panel')[0]?.getBoundingClientRect();
      expect([sheet?.left, sheet?.right, sheet?.bottom]).toEqual([0, 390, 844]);
    });
    all('[data-sequence]')[0]?.click();
    await vi.waitFor(() => expect(all('.detail')[0]?.offsetWidth).toBe(390));
    await page.getByRole('button', { name: 'Close the event' }).click();
    await vi.waitFor(() => expect(all('.detail')).toHaveLength(0));
  });
});
