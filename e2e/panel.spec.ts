import { expect, type Locator, type Page } from '@playwright/test';
import { add, expectItems, history, messages, openTab, ready, test, toCheckout } from './shop.js';

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

/** Opens an event in the panel. */
async function openEvent(page: Page, type: string): Promise<Locator> {
  await eventRow(page, type).click();
  return panelOf(page).getByRole('complementary', { name: 'Event' });
}

const pay = (page: Page): Promise<void> => page.getByRole('button', { name: /^Pay / }).click();

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
  await expect(run('fold', /fold\s*(cart\s*)?\+[\d.]+ ms\s*[\d.]+ ms/)).toHaveCount(1);
  await expect(run('fold', /tab \w{4}\s*\+[\d.]+ ms\s*[\d.]+ ms/)).toHaveCount(1);
  await expect(run('answer', /worker \w{4}\s*\+[\d.]+ ms\s*[\d.]+ ms/)).toHaveCount(1);
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
  await expect(line(/^answer\s*(inventory\s*)?worker/).first()).toBeVisible();
  await expect(line(/^inventory\.reserved\s*worker/)).toHaveCount(1);
  await expect(line(/^pricing\.total\.changed\s*this tab/)).toHaveCount(1);
  await expect(line(/^notification\.shown\s*this tab/)).toHaveCount(1);
  await expect(line(/^fold\s*(cart\s*)?tab \w{4}/)).toHaveCount(1);
  await expect(line(/^pricing\.total\.changed\s*tab \w{4}/)).toHaveCount(1);
  await expect(line(/^notification\.shown\s*tab \w{4}/)).toHaveCount(1);
});

test('the handlers view counts calls with their percentiles', async ({ context }) => {
  const page = await openTab(context);
  for (let n = 0; n < 3; n++) await add(page, 'Morning mug');
  await expectItems(page, 3);
  await panelOf(page).getByRole('tab', { name: 'Handlers' }).click();
  const row = panelOf(page)
    .getByRole('row')
    .filter({ has: page.getByRole('cell', { name: 'total', exact: true }) });
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

test('F1 a payment gateway that fails is asked again until the order is placed, and the panel shows the attempts', async ({
  context,
}) => {
  const page = await openTab(context);
  await add(page, 'Quiet clock');
  await expectItems(page, 1);
  await toCheckout(page);
  await page.getByRole('radio', { name: /0341/ }).check();
  await pay(page);
  await expect(page.getByText(/is placed/)).toBeVisible();

  await expect(eventRow(page, 'payment.requested')).toContainText('2 calls were made again');
  const event = await openEvent(page, 'payment.requested');
  const run = event.getByRole('listitem').filter({ hasText: 'charge' });
  await expect(run).toContainText('3 attempts');
  const attempts = run.getByRole('list', { name: 'Attempts' }).getByRole('listitem');
  await expect(attempts).toHaveCount(3);
  for (const n of [0, 1]) {
    await expect(attempts.nth(n)).toContainText(/failed.*again after [\d.]+ ms/);
    await expect(attempts.nth(n)).toContainText('GatewayError: The payment gateway did not answer');
  }
  await expect(attempts.nth(2)).toContainText('ok');

  await panelOf(page).getByRole('tab', { name: 'Trace' }).click();
  const chain = panelOf(page).getByRole('treegrid', { name: 'Chain of events' });
  await expect(chain.getByRole('rowheader').filter({ hasText: /charge\s*(payment\s*)?attempt 3/ })).toHaveCount(1);
  await expect(panelOf(page).getByText('2 retries')).toBeVisible();
});

test('F2 F3 a courier that does not answer leaves a dead letter, and the panel has it tried again', async ({
  context,
}) => {
  const page = await openTab(context);
  await add(page, 'Twin vase');
  await expectItems(page, 1);
  await toCheckout(page);
  await page.getByRole('radio', { name: /Courier/ }).check();
  await pay(page);
  await expect(messages(page)).toContainText('book a parcel failed after 2 calls');
  expect(await history(page, 'shipping.booked')).toEqual([]);

  await expect(eventRow(page, 'order.placed')).toContainText('left a dead letter');
  const event = await openEvent(page, 'order.placed');
  await expect(event).toContainText('HandlerTimeoutError');
  await event.getByRole('button', { name: 'Retry' }).click();
  await expect(event).toContainText('Left a dead letter, which was tried again or discarded since.');
  await expect(event).toContainText('Dead letter tried again');
  await expect(messages(page)).toContainText('Delivery booked');
  await expect(eventRow(page, 'order.placed')).not.toContainText('dead letter');
  const [booked] = await history(page, 'shipping.booked');
  const [placed] = await history(page, 'order.placed');
  expect(booked?.causationId).toBe(placed?.id);
});

test('R4 a request is answered by the worker of the stock keeper, and the panel shows who did', async ({ context }) => {
  const page = await openTab(context);
  await add(page, 'Quiet clock');
  await expectItems(page, 1);
  await toCheckout(page);
  await expect(page.getByText('The stock keeper has all of it reserved for you.')).toBeVisible();
  const asked = await page.evaluate(() =>
    shop.request('inventory.check', { lines: [{ productId: 'clock', quantity: 3 }] }),
  );
  expect(asked).toEqual({ missing: [{ productId: 'clock', quantity: 2 }] });
  await page.getByRole('button', { name: 'Close cart' }).click();
  await eventRow(page, 'inventory.check').last().click();
  const event = panelOf(page).getByRole('complementary', { name: 'Event' });
  await expect(event).toContainText(/request\s*waits for an answer/);
  const run = event.getByRole('listitem').filter({ hasText: 'check' });
  await expect(run).toContainText(/worker \w{4}/);
});

test('an order against the house rules is vetoed: the customer is told, nothing else happens, and the panel shows who did it', async ({
  context,
}) => {
  const page = await openTab(context);
  await page.evaluate(() =>
    shop.emit('cart.item.added', { productId: 'notebook', quantity: 13, tab: shop.nodeId }).persisted.then(() => {}),
  );
  await expectItems(page, 13);
  await toCheckout(page);
  await pay(page);
  await expect(page.getByRole('alert')).toContainText('We do not sell more than a dozen of one thing.');
  expect(await history(page, 'checkout.started')).toEqual([]);
  await expect(eventRow(page, 'checkout.started')).toContainText('vetoed');
  await expect(await openEvent(page, 'checkout.started')).toContainText(/vetoed by\s*house rules/);
});
