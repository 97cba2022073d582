import { expect, type Page } from '@playwright/test';
import { add, cartButton, expectItems, history, messages, openTab, product, ready, test } from './shop.js';

test('what is added to the cart in one tab shows in the other, and is still there after both reload', async ({
  context,
}) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await add(a, 'Arc lamp');
  await expect(messages(b)).toContainText('Arc lamp added in another tab');
  await expectItems(a, 1);
  await expectItems(b, 1);
  await add(b, 'Morning mug');
  await expectItems(a, 2);
  await expectItems(b, 2);

  await expect.poll(async () => (await history(a, 'inventory.reserved')).length).toBe(2);
  const added = await history(b, 'cart.item.added');
  expect(added.map(({ data }) => data['productId'])).toEqual(['lamp', 'mug']);
  expect(added[0]?.data['tab']).not.toBe(added[1]?.data['tab']);

  await Promise.all([a.reload(), b.reload()]);
  await ready(a);
  await expectItems(a, 2);
  await expectItems(b, 2);
  await b.bringToFront();
  await cartButton(b).click();
  await expect(b.getByRole('region', { name: 'Your cart' })).toContainText('Arc lamp');
  // 129 + 18: what is priced is what was reserved, so the reservations are back as well.
  await expect(b.getByRole('definition').last()).toHaveText('€147.00');
});

test('the history of a closed shop is there for a tab that opens later', async ({ context }) => {
  const a = await openTab(context);
  await add(a, 'Quiet clock');
  await expect.poll(async () => (await history(a, 'inventory.reserved')).length).toBe(1);
  await a.close();
  const b = await openTab(context);
  await expectItems(b, 1);
  expect(await history(b, 'cart.**')).toHaveLength(1);
});

test('one stock keeper answers for all tabs, in a worker with a bus of its own', async ({ context }) => {
  const tabs = [await openTab(context), await openTab(context), await openTab(context)] as const;
  expect(tabs.map((tab) => tab.workers().length)).toEqual([1, 1, 1]);
  for (const tab of tabs) await add(tab, 'Morning mug');
  for (const tab of tabs) await expectItems(tab, 3);
  await expect.poll(async () => (await history(tabs[0], 'inventory.reserved')).length).toBe(3);

  const added = await history(tabs[0], 'cart.item.added');
  const reserved = await history(tabs[0], 'inventory.reserved');
  expect(reserved.map(({ causationId }) => causationId).sort()).toEqual(added.map(({ id }) => id).sort());
  for (const { causationId, correlationId, source } of reserved) {
    expect(source).toBe('inventory');
    expect(correlationId).toBe(causationId);
  }
});

test('when the tab of the stock keeper on duty goes, another one takes over with the same stock', async ({
  context,
}) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await add(a, 'Perch chair');
  await expect(product(b, 'Perch chair')).toContainText('Only 2 left');
  await a.close();
  await add(b, 'Perch chair');
  await expect(product(b, 'Perch chair')).toContainText('Only 1 left');
  await add(b, 'Perch chair');
  await expect(product(b, 'Perch chair')).toContainText('Sold out');
  await expect(b.getByRole('button', { name: 'Add Perch chair to cart' })).toBeDisabled();
});

test('S7 each order gets one receipt, from whichever tab is on duty, though tabs close and all reload', async ({
  context,
}) => {
  const tabs = [await openTab(context), await openTab(context)] as const;
  const place = (page: Page, orderId: string): Promise<void> =>
    page.evaluate(async (id) => {
      const order = { orderId: id, totalCents: 100, service: 'post', tab: 'elsewhere' } as const;
      await shop.emit('order.placed', { ...order, lines: [{ productId: 'mug', quantity: 1 }] }).persisted;
    }, orderId);
  const receipts = async (page: Page): Promise<unknown[]> =>
    (await history(page, 'receipt.posted')).map(({ data }) => data['orderId']);
  await place(tabs[1], 'K-1');
  await expect.poll(() => receipts(tabs[0])).toEqual(['K-1']);
  await tabs[0].close();
  await place(tabs[1], 'K-2');
  await expect.poll(() => receipts(tabs[1])).toEqual(['K-1', 'K-2']);
  await tabs[1].reload();
  await ready(tabs[1]);
  await place(tabs[1], 'K-3');
  await expect.poll(() => receipts(tabs[1])).toEqual(['K-1', 'K-2', 'K-3']);
  const keys = (await history(tabs[1], 'receipt.posted')).map(({ data }) => data['key']);
  expect(new Set(keys).size).toBe(3);
});

test('more than there is cannot be sold, whichever tabs ask at once', async ({ context }) => {
  const a = await openTab(context);
  const b = await openTab(context);
  const ask = (): void => {
    for (let n = 0; n < 2; n++) shop.emit('cart.item.added', { productId: 'mirror', quantity: 1, tab: shop.nodeId });
  };
  await Promise.all([a.evaluate(ask), b.evaluate(ask)]);
  await expect.poll(async () => (await history(a, 'inventory.*')).length).toBe(4);
  expect((await history(a, 'inventory.reserved')).length).toBe(2);
  expect((await history(a, 'inventory.refused')).length).toBe(2);
  await expectItems(a, 2);
  await expectItems(b, 2);
  const refusals = async (): Promise<number> => {
    const counts = [a, b].map((page) => messages(page).getByText('Porthole mirror is out of stock').count());
    return (await Promise.all(counts)).reduce((sum, count) => sum + count);
  };
  await expect.poll(refusals).toBeGreaterThan(0);
});

test('S2 a tab that is killed while it writes loses nothing that was acknowledged', async ({
  context,
  browserName,
}) => {
  expect(browserName).toBe('chromium');
  const a = await context.newPage();
  const acknowledged: string[] = [];
  await a.exposeBinding('acknowledge', (_source, id: string) => void acknowledged.push(id));
  await a.goto('/');
  await ready(a);
  const b = await openTab(context);

  await a.evaluate(() => {
    const { acknowledge } = globalThis as unknown as { acknowledge: (id: string) => Promise<void> };
    const write = (): void => {
      for (let n = 0; n < 10; n++) {
        const { event, persisted } = shop.emit('cart.item.added', {
          productId: 'notebook',
          quantity: 1,
          tab: shop.nodeId,
        });
        persisted.then(() => acknowledge(event.id));
      }
    };
    setInterval(write, 5);
  });
  await expect.poll(() => acknowledged.length, { intervals: [5] }).toBeGreaterThan(100);
  const devtools = await context.newCDPSession(a);
  const crashed = a.waitForEvent('crash');
  devtools.send('Page.crash').catch(() => {});
  await crashed;

  const kept = new Set((await history(b, 'cart.item.added', 100_000)).map(({ id }) => id));
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  // What was stored and could not be sent any more is filled from the store: the other tab goes on, and so does the shop.
  await add(b, 'Slow candle');
  await expect
    .poll(async () => (await history(b, 'inventory.reserved')).some(({ data }) => data['productId'] === 'candle'))
    .toBe(true);
});
