import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { type OpenedPanel, openPanel } from '../../panel.test.kit.js';

const filter = () => page.getByRole('searchbox', { name: 'Filter events' });
const grid = () => page.getByRole('grid', { name: 'Events' });

async function focusList({ all }: OpenedPanel): Promise<void> {
  await vi.waitFor(() => expect(all('[role=grid]')).toHaveLength(1));
  all('[role=grid]')[0]?.focus();
}

const selected = ({ all }: OpenedPanel): string[] =>
  all('.event-list [aria-selected=true]').map((row) => row.querySelector('.col-type')?.textContent ?? '');

describe('the list', () => {
  it('shows each event with its data, handlers, node and status', async () => {
    const { bus, all, rows } = openPanel();
    bus.on('cart.*', () => {}, { name: 'count' });
    bus.emit('cart.added', { sku: 'a1', qty: 2n });
    bus.emit('nobody.cares', null);
    await vi.waitFor(() => expect(rows()).toEqual(['cart.added', 'nobody.cares']));
    expect(rows('col-data')).toEqual(['{ sku: "a1", qty: 2n }', 'null']);
    expect(rows('col-handlers')).toEqual(['1', '0']);
    expect(rows('col-node')).toEqual(['this tab', 'this tab']);
    expect(rows('col-status')).toEqual(['ok', 'unheard']);
    expect(all('[role=grid]')[0]?.getAttribute('aria-rowcount')).toBe('3');
    expect(all('[data-sequence]')[0]?.getAttribute('aria-rowindex')).toBe('2');
  });

  it('says that it waits before the first event', async () => {
    openPanel();
    await expect.element(page.getByText('Listening')).toBeVisible();
  });

  it('shows an event that is under way, and how it ended', async () => {
    const { bus, rows } = openPanel();
    let finish = (): void => {};
    bus.on('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    bus.emit('slow', 1);
    await vi.waitFor(() => expect(rows('col-status')).toEqual(['pending']));
    finish();
    await vi.waitFor(() => expect(rows('col-status')).toEqual(['ok']));
  });

  it('holds only the rows on the screen, and follows its end', async () => {
    const { bus, all, rows } = openPanel();
    for (let i = 0; i < 5000; i++) bus.emit(`tick.n${i}`, i);
    await vi.waitFor(() => expect(rows().at(-1)).toBe('tick.n4999'));
    expect(all('[role=row]').length).toBeLessThan(80);
  });

  it('stays where the reader has scrolled to, says how many are new, and goes there', async () => {
    const panel = openPanel();
    const { bus, all, rows } = panel;
    for (let i = 0; i < 500; i++) bus.emit(`tick.n${i}`, i);
    await vi.waitFor(() => expect(rows().at(-1)).toBe('tick.n499'));
    const list = all('[role=grid]')[0] as HTMLElement;
    list.scrollTop = 24 * 100;
    await vi.waitFor(() => expect(rows()).toContain('tick.n110'));
    const before = rows();
    for (let i = 500; i < 520; i++) bus.emit(`tick.n${i}`, i);
    await expect.element(page.getByRole('button', { name: '20 new' })).toBeVisible();
    expect(rows()).toEqual(before);
    await page.getByRole('button', { name: '20 new' }).click();
    await vi.waitFor(() => expect(rows().at(-1)).toBe('tick.n519'));
    expect(all('.newer')).toEqual([]);
  });

  it('keeps the place of what the reader looks at while older events are evicted', async () => {
    const { bus, all, rows } = openPanel({ capacity: 256 });
    for (let i = 0; i < 256; i++) bus.emit(`tick.n${i}`, i);
    await vi.waitFor(() => expect(rows().at(-1)).toBe('tick.n255'));
    const list = all('[role=grid]')[0] as HTMLElement;
    list.scrollTop = 24 * 120;
    await vi.waitFor(() => expect(rows()).toContain('tick.n125'));
    const before = rows();
    for (let i = 256; i < 300; i++) bus.emit(`tick.n${i}`, i);
    await expect.element(page.getByText('44 evicted')).toBeVisible();
    expect(rows()).toEqual(before);
    for (let i = 300; i < 500; i++) bus.emit(`tick.n${i}`, i);
    await vi.waitFor(() => expect(all('.line.evicted').length).toBeGreaterThan(10));
  });
});

describe('the filter', () => {
  it('shows what passes, while it is typed and when it is taken back', async () => {
    const { bus, rows } = openPanel();
    bus.on('order.failed', () => Promise.reject(new Error('no')));
    for (const type of ['cart.added', 'order.placed', 'order.failed']) bus.emit(type, { type });
    await filter().fill('type:order.*');
    await vi.waitFor(() => expect(rows()).toEqual(['order.placed', 'order.failed']));
    await filter().fill('type:order.* status:error');
    await vi.waitFor(() => expect(rows()).toEqual(['order.failed']));
    await filter().fill('cart');
    await vi.waitFor(() => expect(rows()).toEqual(['cart.added']));
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await vi.waitFor(() => expect(rows()).toHaveLength(4));
  });

  it('finds what was vetoed, expired or retried, and what left a dead letter', async () => {
    const { bus, rows } = openPanel();
    bus.use((event, next) => void (event.type === 'bad' || next()));
    bus.on('flaky', async (_event, { attempt }) => attempt === 2 || Promise.reject(new Error('no')), {
      retry: { attempts: 2, delayMs: 1 },
    });
    bus.on('dead', () => Promise.reject(new Error('no')));
    bus.on('begin', () => {
      bus.emit('late', 1, { ttlMs: 1 });
      for (const end = performance.now() + 20; performance.now() < end; );
    });
    for (const type of ['bad', 'flaky', 'dead', 'begin']) await bus.emit(type, 1);
    for (const [text, wanted] of [
      ['status:vetoed', ['bad']],
      ['status:expired', ['late']],
      ['is:retried', ['flaky']],
      ['is:dead', ['dead']],
    ] as const) {
      await filter().fill(text);
      await vi.waitFor(() => expect(rows()).toEqual(wanted));
    }
    await page.getByRole('button', { name: 'Filter by' }).click();
    await page.getByRole('button', { name: 'retried' }).click();
    await expect.element(filter()).toHaveValue('is:retried');
  });

  it('goes on while events come', async () => {
    const { bus, rows } = openPanel();
    await filter().fill('type:order.*');
    for (let i = 0; i < 10; i++) bus.emit(i % 5 === 0 ? `order.n${i}` : `cart.n${i}`, i);
    await vi.waitFor(() => expect(rows()).toEqual(['order.n0', 'order.n5']));
  });

  it('says what makes no sense, and when nothing passes', async () => {
    const { bus } = openPanel();
    bus.emit('a', 1);
    await filter().fill('status:broken');
    await expect.element(page.getByText(/status is one of pending/)).toBeVisible();
    await filter().fill('type:nothing.like.it');
    await expect.element(page.getByText('No event passes the filter')).toBeVisible();
  });

  it('is offered the types there are', async () => {
    const { bus, rows } = openPanel();
    for (let i = 0; i < 3; i++) bus.emit('cart.added', i);
    bus.emit('order.placed', 1);
    await page.getByRole('button', { name: 'Filter by' }).click();
    await page.getByRole('button', { name: 'order.placed 1' }).click();
    await vi.waitFor(() => expect(rows()).toEqual(['order.placed']));
    await expect.element(filter()).toHaveValue('type:order.placed');
  });
});

describe('recording', () => {
  it('pauses and resumes, and says how much was missed', async () => {
    const { bus, rows } = openPanel();
    bus.emit('before', 1);
    await page.getByRole('button', { name: 'Pause recording' }).click();
    bus.emit('missed', 1);
    await expect.element(page.getByText('1 not kept')).toBeVisible();
    await page.getByRole('button', { name: 'Resume recording' }).click();
    bus.emit('after', 1);
    await vi.waitFor(() => expect(rows()).toEqual(['before', 'after']));
  });

  it('is cleared', async () => {
    const { bus, rows } = openPanel();
    bus.emit('before', 1);
    await vi.waitFor(() => expect(rows()).toEqual(['before']));
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await expect.element(page.getByText('Listening')).toBeVisible();
    bus.emit('after', 1);
    await vi.waitFor(() => expect(rows()).toEqual(['after']));
  });
});

describe('the keyboard', () => {
  it('goes along the list with arrows or letters, opens and closes', async () => {
    const panel = openPanel();
    for (let i = 0; i < 5; i++) panel.bus.emit(`tick.n${i}`, i);
    await focusList(panel);
    await userEvent.keyboard('{ArrowUp}');
    await vi.waitFor(() => expect(selected(panel)).toEqual(['tick.n4']));
    await userEvent.keyboard('kk');
    await vi.waitFor(() => expect(selected(panel)).toEqual(['tick.n2']));
    await userEvent.keyboard('j');
    await vi.waitFor(() => expect(selected(panel)).toEqual(['tick.n3']));
    const row = panel.all('[data-sequence][aria-selected=true]')[0];
    await expect.element(grid()).toHaveAttribute('aria-activedescendant', row?.id ?? 'none');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('complementary', { name: 'Event' })).toHaveTextContent('tick.n3');
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('complementary', { name: 'Event' })).not.toBeInTheDocument();
    await userEvent.keyboard('g');
    await vi.waitFor(() => expect(selected(panel)).toEqual(['tick.n0']));
  });

  it('brings what it selects into view', async () => {
    const panel = openPanel();
    for (let i = 0; i < 1000; i++) panel.bus.emit(`tick.n${i}`, i);
    await vi.waitFor(() => expect(panel.rows().at(-1)).toBe('tick.n999'));
    await focusList(panel);
    await userEvent.keyboard('{Home}');
    await vi.waitFor(() => expect(selected(panel)).toEqual(['tick.n0']));
    await userEvent.keyboard('{End}');
    await vi.waitFor(() => expect(selected(panel)).toEqual(['tick.n999']));
  });

  it('reaches the filter with a slash and pauses with Space', async () => {
    const panel = openPanel();
    panel.bus.emit('tick', 1);
    await focusList(panel);
    await userEvent.keyboard(' ');
    await expect.element(page.getByRole('button', { name: 'Resume recording' })).toBeVisible();
    await userEvent.keyboard('/');
    await vi.waitFor(() => expect(panel.root.activeElement).toBe(filter().element()));
    await userEvent.keyboard('jk ');
    await expect.element(filter()).toHaveValue('jk ');
    await userEvent.keyboard('{Escape}');
    await expect.element(filter()).toHaveValue('');
  });

  it('keeps the selection while events come', async () => {
    const panel = openPanel();
    for (let i = 0; i < 5; i++) panel.bus.emit(`tick.n${i}`, i);
    await focusList(panel);
    await userEvent.keyboard('{Home}');
    for (let i = 5; i < 2000; i++) panel.bus.emit(`tick.n${i}`, i);
    await expect.element(page.getByRole('button', { name: '1,995 new' })).toBeVisible();
    expect(selected(panel)).toEqual(['tick.n0']);
  });
});

describe('the columns', () => {
  const headers = ({ all }: OpenedPanel): string[] => all('[role=columnheader]').map((cell) => cell.textContent ?? '');

  it('are shown and hidden, and stay so in the next panel', async () => {
    const first = openPanel();
    first.bus.emit('tick', 1);
    await vi.waitFor(() => expect(headers(first)).toContain('Source'));
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Source' }).click();
    await page.getByRole('checkbox', { name: 'Δt' }).click();
    await vi.waitFor(() => expect(headers(first)).not.toContain('Source'));
    expect(headers(first)).toContain('Δt');
    first.unmount();
    const second = openPanel();
    second.bus.emit('tick', 1);
    await vi.waitFor(() => expect(headers(second)).toContain('Δt'));
    expect(headers(second)).not.toContain('Source');
  });

  it('are made wider with the pointer', async () => {
    const panel = openPanel();
    panel.bus.emit('tick', 1);
    await vi.waitFor(() => expect(headers(panel)).toContain('Type'));
    const header = panel.all('[role=columnheader].col-type')[0] as HTMLElement;
    const before = header.offsetWidth;
    const handle = header.querySelector('.resizer') as HTMLElement;
    const { right, top } = header.getBoundingClientRect();
    const at = (x: number): MouseEventInit => ({ bubbles: true, composed: true, clientX: x, clientY: top + 5 });
    handle.dispatchEvent(new MouseEvent('mousedown', at(right)));
    document.dispatchEvent(new MouseEvent('mousemove', at(right + 60)));
    document.dispatchEvent(new MouseEvent('mouseup', at(right + 60)));
    await vi.waitFor(() => expect(header.offsetWidth).toBe(before + 60));
  });

  it('are fewer where there is little room', async () => {
    const panel = openPanel();
    panel.element.style.width = '390px';
    panel.bus.emit('tick', 1);
    await vi.waitFor(() => expect(headers(panel)).toEqual(['Time', 'Type', 'Duration', 'Status']));
    expect(panel.all('[role=grid]')[0]?.scrollWidth).toBeLessThanOrEqual(390);
  });
});
