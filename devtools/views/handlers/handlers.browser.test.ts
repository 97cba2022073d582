import { expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { type OpenedPanel, openPanel } from '../../panel.test.kit.js';

const openHandlers = () => page.getByRole('tab', { name: 'Handlers' }).click();

const column = ({ all }: OpenedPanel, name: string): string[] =>
  all(`td.col-${name}`).map((cell) => cell.textContent ?? '');

function busy(panel: OpenedPanel): void {
  panel.bus.on('tick', () => {}, { name: 'quick', priority: 3 });
  panel.bus.on(
    ['tick', 'tock'],
    (event) => {
      if (event.data === 7) throw new Error('seven');
    },
    { name: 'audit' },
  );
  panel.bus.on('never', () => {}, { name: 'idle' });
  for (let i = 0; i < 10; i++) panel.bus.emit('tick', i);
  for (let i = 0; i < 5; i++) panel.bus.emit('tock', i);
}

it('every handler has its counts, durations, pattern and node', async () => {
  const panel = openPanel();
  busy(panel);
  await openHandlers();
  await vi.waitFor(() => expect(column(panel, 'name')).toEqual(['audit', 'quick', 'idle']));
  expect(column(panel, 'calls')).toEqual(['15', '10', '0']);
  expect(column(panel, 'failures')).toEqual(['1', '0', '0']);
  expect(column(panel, 'retries')).toEqual(['0', '0', '0']);
  expect(column(panel, 'pattern')).toEqual(['tick tock', 'tick', 'never']);
  expect(column(panel, 'priority')).toEqual(['0', '3', '0']);
  for (const name of ['p50', 'p95', 'p99', 'max']) {
    expect(column(panel, name)).toEqual([expect.stringMatching(/ ms$/), expect.stringMatching(/ ms$/), '']);
  }
  expect(panel.all('svg.distribution rect')).not.toHaveLength(0);
});

it('they are sorted by any column, either way', async () => {
  const panel = openPanel();
  busy(panel);
  await openHandlers();
  await page.getByRole('button', { name: 'Handler', exact: true }).click();
  await vi.waitFor(() => expect(column(panel, 'name')).toEqual(['audit', 'idle', 'quick']));
  await page.getByRole('button', { name: 'Handler', exact: true }).click();
  await vi.waitFor(() => expect(column(panel, 'name')).toEqual(['quick', 'idle', 'audit']));
  expect(panel.all('th[aria-sort]').map((head) => head.getAttribute('aria-sort'))).toEqual(['descending']);
  await page.getByRole('button', { name: 'Errors' }).click();
  await vi.waitFor(() => expect(column(panel, 'name')[0]).toBe('audit'));
});

it('calls that were made again are counted', async () => {
  const panel = openPanel();
  const retry = { attempts: 3, delayMs: 1 };
  panel.bus.on('x', () => Promise.reject(new Error('no')), { name: 'stubborn', retry });
  await panel.bus.emit('x', 1);
  await openHandlers();
  await vi.waitFor(() => expect(column(panel, 'calls')).toEqual(['3']));
  expect([column(panel, 'failures'), column(panel, 'retries')]).toEqual([['3'], [expect.stringMatching(/^2/)]]);
});

it('they count on while they are looked at, beyond what the list keeps', async () => {
  const panel = openPanel({ capacity: 16 });
  panel.bus.on('tick', () => {}, { name: 'count' });
  await openHandlers();
  for (let i = 0; i < 1000; i++) panel.bus.emit('tick', i);
  await vi.waitFor(() => expect(column(panel, 'calls')).toEqual(['1,000']));
});

it('one of them leads to its events', async () => {
  const panel = openPanel();
  busy(panel);
  await openHandlers();
  await page.getByRole('button', { name: 'quick' }).click();
  await vi.waitFor(() => expect(panel.rows()).toEqual(Array(10).fill('tick')));
  await expect.element(page.getByRole('searchbox')).toHaveValue('type:tick');
});
