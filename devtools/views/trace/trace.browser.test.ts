import { expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { createEventBus } from '../../../core/index.js';
import { broadcastChannel } from '../../../core/transports/broadcast-channel.js';
import { shareDevtools } from '../../agent.js';
import { afterwards, type OpenedPanel, openPanel } from '../../panel.test.kit.js';

const openTrace = () => page.getByRole('tab', { name: 'Trace' }).click();

const labels = ({ all }: OpenedPanel): string[] =>
  all('.trace-body .trace-line').map((line) => {
    const level = Number(line.getAttribute('aria-level')) - 1;
    return `${'  '.repeat(level)}${line.querySelector('.type-name, .run-name')?.textContent}`;
  });

it('a chain is a waterfall: effects beneath their causes, bars for handlers', async () => {
  const panel = openPanel();
  panel.bus.on('order.placed', (_event, delivery) => void delivery.emit('mail.sent', 1), { name: 'mail' });
  panel.bus.on('mail.sent', () => Promise.reject(new Error('bounced')), { name: 'send' });
  panel.bus.emit('order.placed', 1);
  await vi.waitFor(() => expect(panel.rows()).toHaveLength(3));
  await openTrace();
  await page.getByRole('button', { name: 'Show the latest chain' }).click();
  const chain = ['order.placed', '  mail', '  mail.sent', '    send', '    error.occurred'];
  await vi.waitFor(() => expect(labels(panel)).toEqual(chain));
  expect(panel.all('.bar')).toHaveLength(2);
  expect(panel.all('.bar.failed')).toHaveLength(1);
  await expect.element(page.getByText('1 failure')).toBeVisible();
  expect(panel.all('[role=treegrid]')[0]?.getAttribute('aria-rowcount')).toBe('6');
});

it('each attempt of a handler is a bar with its number and the wait after it', async () => {
  const panel = openPanel();
  const pay = async (_event: unknown, { attempt }: { readonly attempt: number }): Promise<void> => {
    if (attempt < 3) throw new Error('no answer');
  };
  panel.bus.on('payment.asked', pay, { name: 'pay', retry: { attempts: 3, delayMs: 20, factor: 1, jitter: 0 } });
  await panel.bus.emit('payment.asked', 1);
  await openTrace();
  await page.getByRole('button', { name: 'Show the latest chain' }).click();
  await vi.waitFor(() => expect(panel.all('.bar.failed')).toHaveLength(2));
  expect(labels(panel)).toEqual(['payment.asked', '  pay', '  pay', '  pay']);
  const badges = panel.all('.trace-label .badge').map(({ textContent }) => textContent);
  expect(badges).toEqual(['attempt 2', 'attempt 3']);
  const [first] = panel.all('.of-run .beside');
  expect(first?.textContent).toMatch(/again after 20/);
  await expect.element(page.getByText('2 retries')).toBeVisible();
  const [one, two] = panel.all('.bar').map((bar) => bar.getBoundingClientRect());
  expect(two?.left).toBeGreaterThan(one?.right ?? Number.POSITIVE_INFINITY);
});

it('bars stand where and as wide as their time was', async () => {
  const panel = openPanel();
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  panel.bus.on('job', () => wait(60), { name: 'first', priority: 1 });
  panel.bus.on('job', () => wait(30), { name: 'second' });
  await panel.bus.emit('job', 1);
  await openTrace();
  await page.getByRole('button', { name: 'Show the latest chain' }).click();
  await vi.waitFor(() => expect(panel.all('.bar')).toHaveLength(2));
  const [first, second] = panel.all('.bar').map((bar) => bar.getBoundingClientRect());
  if (first === undefined || second === undefined) throw new Error('no bars');
  expect(first.width).toBeGreaterThan(second.width);
  expect(second.left).toBeGreaterThanOrEqual(first.right - 1);
});

it('a long pause is cut short and says how long it was', async () => {
  const panel = openPanel();
  const { event } = await panel.bus.emit('first', 1);
  await new Promise((resolve) => setTimeout(resolve, 400));
  panel.bus.emit('second', 1, { cause: event });
  await openTrace();
  await page.getByRole('button', { name: 'Show the latest chain' }).click();
  await vi.waitFor(() => expect(panel.all('.idle')).toHaveLength(1));
  expect(panel.all('.idle')[0]?.textContent).toMatch(/^\d+ ms$/);
});

it('a line opens its event, the arrows go along the events', async () => {
  const panel = openPanel();
  panel.bus.on('a', (_event, delivery) => void delivery.emit('b', 1), { name: 'on a' });
  panel.bus.emit('a', 1);
  await openTrace();
  await page.getByRole('button', { name: 'Show the latest chain' }).click();
  await vi.waitFor(() => expect(labels(panel)).toEqual(['a', '  on a', '  b']));
  panel.all('.of-event')[0]?.click();
  await vi.waitFor(() => expect(panel.all('.detail h2')[0]?.textContent).toBe('a'));
  const grid = panel.all('[role=treegrid]')[0] as HTMLElement;
  grid.focus();
  grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, composed: true }));
  await vi.waitFor(() => expect(panel.all('.detail h2')[0]?.textContent).toBe('b'));
});

it('handlers of other nodes are in it, and events that never left them', async () => {
  const channel = 'trace-browser-test';
  const panel = openPanel({ shareChannel: `${channel}-devtools` }, { transports: [broadcastChannel({ channel })] });
  const other = createEventBus({ source: 'pricing', transports: [broadcastChannel({ channel })] });
  afterwards(() => other.close());
  afterwards(shareDevtools(other, { channel: `${channel}-devtools` }));
  other.on(
    'cart.added',
    (_event, delivery) => {
      delivery.emit('price.looked.up', 1, { local: true });
      delivery.emit('price.changed', 2);
    },
    { name: 'recalculate' },
  );
  panel.bus.on('price.changed', () => {}, { name: 'show' });
  await vi.waitFor(() => expect(panel.bus.nodes).toHaveLength(1));
  const shown = async (): Promise<void> => {
    panel.bus.emit('cart.added', 1);
    await vi.waitFor(() => expect(panel.rows()).toContain('price.changed'));
  };
  await shown();
  panel.all('[data-sequence]').at(-1)?.click();
  await openTrace();
  await vi.waitFor(() =>
    expect(labels(panel)).toEqual(['cart.added', '  recalculate', '  price.looked.up', '  price.changed', '    show']),
  );
  await expect.element(page.getByText('not shared')).toBeVisible();
  const nodes = panel.all('.trace-nodes .node').map((node) => node.textContent);
  expect(nodes).toEqual(['this tab', expect.stringMatching(/^pricing \w{4}$/)]);
});

it('without a choice it says what to do', async () => {
  openPanel();
  await openTrace();
  await expect.element(page.getByText('No chain to show')).toBeVisible();
});
