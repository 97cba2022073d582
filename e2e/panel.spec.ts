import { expect, type Locator, type Page } from '@playwright/test';
import { add, expectItems, history, openTab, ready, test } from './shop.js';

test.use({ viewport: { width: 1440, height: 1300 } });
test.beforeEach(async ({ context }) => {
  // High enough that a whole chain is on the screen: lists hold no rows that cannot be seen.
  await context.addInitScript(() => {
    if (location.protocol === 'http:') localStorage.setItem('crosstown-devtools.height', '1000');
  });
});

const panelOf = (page: Page): Locator => page.getByRole('region', { name: 'Crosstown devtools' });

function eventRow(page: Page, type: string): Locator {
  const cell = page.getByRole('gridcell', { name: type, exact: true });
  return panelOf(page).getByRole('grid', { name: 'Events' }).getByRole('row').filter({ has: cell });
}

test('the panel shows an event, and its handlers in both tabs and the worker with their times', async ({ context }) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await add(a, 'Morning mug');
  await expectItems(b, 1);
  await eventRow(a, 'cart.item.added').click();
  const event = panelOf(a).getByRole('complementary', { name: 'Event' });
  await expect(event.getByRole('heading', { level: 2 })).toHaveText('cart.item.added');
  await expect(event).toContainText('productId: "mug"');
  const run = (name: string, where: RegExp): Locator =>
    event.getByRole('listitem').filter({ hasText: name }).filter({ hasText: where });
  await expect(run('cart: fold', /cart: fold\s*\+[\d.]+ ms\s*[\d.]+ ms/)).toHaveCount(1);
  await expect(run('cart: fold', /tab \w{4}\s*\+[\d.]+ ms\s*[\d.]+ ms/)).toHaveCount(1);
  await expect(run('inventory: answer', /inventory \w{4}\s*\+[\d.]+ ms\s*[\d.]+ ms/)).toHaveCount(1);
});

test('the trace shows one chain across the tab, the worker and the other tab', async ({ context }) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await add(a, 'Morning mug');
  await expectItems(b, 1);
  await eventRow(a, 'cart.item.added').click();
  await panelOf(a).getByRole('tab', { name: 'Trace' }).click();
  const chain = panelOf(a).getByRole('treegrid', { name: 'Chain of events' });
  const line = (text: RegExp): Locator => chain.getByRole('rowheader').filter({ hasText: text });
  await expect(line(/^cart\.item\.added\s*this tab/)).toHaveCount(1);
  await expect(line(/^inventory: answer\s*inventory/).first()).toBeVisible();
  await expect(line(/^inventory\.reserved\s*inventory/)).toHaveCount(1);
  await expect(line(/^pricing\.total\.changed\s*this tab/)).toHaveCount(1);
  await expect(line(/^notification\.shown\s*this tab/)).toHaveCount(1);
  await expect(line(/^cart: fold\s*tab \w{4}/)).toHaveCount(1);
  await expect(line(/^pricing\.total\.changed\s*tab \w{4}/)).toHaveCount(1);
  await expect(line(/^notification\.shown\s*tab \w{4}/)).toHaveCount(1);
});

test('the handlers view counts calls with their percentiles', async ({ context }) => {
  const page = await openTab(context);
  for (let n = 0; n < 3; n++) await add(page, 'Morning mug');
  await expectItems(page, 3);
  await panelOf(page).getByRole('tab', { name: 'Handlers' }).click();
  const row = panelOf(page).getByRole('row').filter({ hasText: 'pricing: total' });
  await expect(row).toHaveCount(1);
  await expect(row.getByRole('cell', { name: '3', exact: true })).toHaveCount(1);
  await expect(row.getByRole('cell', { name: /^[\d.]+ ms$/ })).toHaveCount(4);
});

test('after a reload the history is in the panel', async ({ context }) => {
  const page = await openTab(context);
  await add(page, 'Arc lamp');
  await expect.poll(async () => (await history(page, 'inventory.reserved')).length).toBe(1);
  await page.reload();
  await ready(page);
  await expect(eventRow(page, 'cart.item.added')).toHaveCount(1);
  await expect(eventRow(page, 'inventory.reserved')).toHaveCount(1);
});

test('T5 T4 what is refused shows: a record of garbage, and an event that cannot be cloned', async ({ context }) => {
  const page = await openTab(context);
  await page.evaluate(() => new BroadcastChannel('shop').postMessage([{ v: 1, garbage: true }]));
  await expect(eventRow(page, '(refused record)')).toContainText(/malformed|refused|dropped/);
  await page.evaluate(
    () =>
      void shop.emit('cart.item.added', { productId: 'mug', quantity: 1, tab: shop.nodeId, gift: () => {} } as never),
  );
  await eventRow(page, 'cart.item.added').click();
  await expect(panelOf(page).getByRole('complementary', { name: 'Event' })).toContainText('not-serializable');
  await add(page, 'Arc lamp');
  await expectItems(page, 2);
});
