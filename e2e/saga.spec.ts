import { expect, type Page } from '@playwright/test';
import {
  cartButton,
  expectItems,
  history,
  openTab,
  product,
  ready,
  type StoredFact,
  test,
  toCheckout,
} from './shop.js';

// Without room for the devtools they are closed, and have nothing to draw.
test.use({ viewport: { width: 900, height: 900 } });

/** As many clocks as leave time to act while they are fetched: the stock keeper takes 0.4 s for each. */
const CLOCKS = 6;
const CLOCKS_LEFT = 3;

/** Until somebody else has taken over, or all is taken back: many events that are stored one after the other. */
const PATIENT = { timeout: 30_000 };

async function putClocksInCart(page: Page): Promise<void> {
  await page.evaluate(
    (quantity) => void shop.emit('cart.item.added', { productId: 'clock', quantity, tab: shop.nodeId }),
    CLOCKS,
  );
  await expectItems(page, CLOCKS);
  await expect(product(page, 'Quiet clock')).toContainText(`Only ${CLOCKS_LEFT} left`);
}

/** Makes a way for pages to have a tab crash. */
async function crashable(page: Page): Promise<{ readonly crashed: Promise<number> }> {
  const devtools = await page.context().newCDPSession(page);
  let crashedAt = Number.POSITIVE_INFINITY;
  await page.context().exposeFunction('crash', () => {
    crashedAt = Date.now();
    devtools.send('Page.crash').catch(() => {});
  });
  return { crashed: page.waitForEvent('crash').then(() => crashedAt) };
}

/** Orders, as "Pay" does. */
function order(page: Page): Promise<void> {
  return page.evaluate((quantity) => {
    const lines = [{ productId: 'clock', quantity }];
    shop.emit('checkout.started', { orderId: 'K-1', lines, card: 'accepted', service: 'post', tab: shop.nodeId });
  }, CLOCKS);
}

/** Orders, and crashes the tab when the goods are asked for: they are paid, and nobody has fetched them. */
async function crashWhenPaid(page: Page): Promise<number> {
  const { crashed } = await crashable(page);
  await page.evaluate(() => {
    const { crash } = globalThis as unknown as { crash: () => void };
    shop.on('inventory.goods.requested', () => crash());
  });
  await order(page);
  return crashed;
}

/** What the payment gateway has on its books. */
function books(page: Page): Promise<readonly { readonly amountCents: number; readonly isRefunded: boolean }[]> {
  return page.evaluate(() => JSON.parse(localStorage.getItem('shop.gateway') ?? '[]'));
}

/** Waits until the order is placed, and looks whether it was paid and placed once. */
async function expectPlacedOnce(page: Page): Promise<StoredFact[]> {
  await page.bringToFront();
  await cartButton(page).click();
  await expect(page.getByRole('region', { name: 'Orders' })).toContainText(/K-1placed€/, PATIENT);
  await expectItems(page, 0);
  await expect(product(page, 'Quiet clock')).toContainText(`Only ${CLOCKS_LEFT} left`);
  await expect.poll(async () => (await history(page, 'shipping.booked')).length).toBeGreaterThan(0);

  const all = await history(page, '**');
  const placed = all.filter(({ type }) => type === 'order.placed');
  expect(placed).toHaveLength(1);
  expect(await books(page)).toMatchObject([{ amountCents: placed[0]?.data['totalCents'], isRefunded: false }]);
  const done = all.filter(({ type }) => type === 'saga.checkout.step.completed').map(({ data }) => data['step']);
  expect(done).toEqual(['reserve', 'price', 'pay', 'fetch']);
  expect(all.filter(({ type }) => /cancelled|released|refund|failed|\.due/.test(type))).toEqual([]);
  return all;
}

/** It was paid before the crash, and the goods were fetched after it, under the key they were asked for with before. */
function expectCrashBetween(crashedAt: number, all: readonly StoredFact[]): void {
  const of = (type: string): StoredFact[] => all.filter((event) => event.type === type);
  expect(of('payment.requested')).toHaveLength(1);
  expect(of('payment.authorised')[0]?.timestamp).toBeLessThan(crashedAt);
  expect(of('inventory.goods.fetched')[0]?.timestamp).toBeGreaterThan(crashedAt);
  const keys = of('inventory.goods.requested').map(({ metadata }) => metadata['idempotencyKey']);
  expect([...new Set(keys)]).toEqual(['checkout:K-1:fetch:1']);
}

test('W1 an order whose tab crashes between payment and inventory is brought to its end by the other tab', async ({
  context,
}) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await putClocksInCart(a);
  const crashedAt = await crashWhenPaid(a);
  expectCrashBetween(crashedAt, await expectPlacedOnce(b));
});

test('W1 S7 an order whose tab crashes while the payment gateway is asked is paid once', async ({ context }) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await putClocksInCart(a);
  const { crashed } = await crashable(a);
  // Other tabs hear what one writes to its storage: the gateway has the money now, and has yet to say so.
  await b.evaluate(() => {
    const { crash } = globalThis as unknown as { crash: () => void };
    addEventListener('storage', ({ key }) => key === 'shop.gateway' && crash(), { once: true });
  });
  await order(a);
  await crashed;
  await expectPlacedOnce(b);
});

test('W1 an order whose tab crashes while there is no other goes on in the next one that opens', async ({
  context,
}) => {
  const a = await openTab(context);
  await putClocksInCart(a);
  const crashedAt = await crashWhenPaid(a);
  await a.close();
  expectCrashBetween(crashedAt, await expectPlacedOnce(await openTab(context)));
});

test('W1 a refund that fails leaves a dead letter in the panel, and tried again from there it ends the order', async ({
  context,
}) => {
  // High enough that a whole order is on the screen: lists hold no rows that cannot be seen.
  await context.addInitScript(() => {
    if (location.protocol === 'http:') localStorage.setItem('crosstown-devtools.height', '1000');
  });
  const page = await context.newPage();
  await page.setViewportSize({ width: 1440, height: 1300 });
  await page.goto('/');
  await ready(page);
  await putClocksInCart(page);
  await toCheckout(page);
  await page.getByRole('radio', { name: /7726/ }).check();
  // Pressed from within, as the goods may be fetched before somebody else has found the button.
  await page.evaluate(() => {
    const buttons = document.getElementsByTagName('button');
    const cancel = (): void => [...buttons].find(({ textContent }) => textContent === 'Cancel the order')?.click();
    void shop.waitFor('inventory.goods.requested', { timeoutMs: 60_000 }).then(cancel);
  });
  await page.getByRole('button', { name: /^Pay / }).click();
  const steps = page.getByRole('list', { name: /^Steps of order/ }).getByRole('listitem');
  await expect(page.getByText('Your money is not back yet.')).toBeVisible(PATIENT);
  await expect(steps.nth(2)).toContainText('not taken back');
  expect(await books(page)).toMatchObject([{ isRefunded: false }]);
  expect(await history(page, 'order.*')).toEqual([]);

  const cell = page.getByRole('gridcell', { name: 'saga.checkout.stuck', exact: true });
  const panel = page.getByRole('region', { name: 'Crosstown devtools' });
  const stuck = panel.getByRole('grid', { name: 'Events' }).getByRole('row').filter({ has: cell });
  await expect(stuck).toContainText('left a dead letter');
  await stuck.click();
  const event = panel.getByRole('complementary', { name: 'Event' });
  await expect(event).toContainText('SagaStuckError');
  await event.getByRole('button', { name: 'Retry', exact: true }).click();

  await expect(page.getByRole('status').filter({ hasText: 'You cancelled it.' })).toBeVisible(PATIENT);
  await expect(stuck).not.toContainText('dead letter');
  await expect(steps.nth(0)).toContainText('taken back');
  await expect(steps.nth(2)).toContainText('taken back');
  expect(await books(page)).toMatchObject([{ isRefunded: true }]);
  expect((await history(page, 'order.*')).map(({ type }) => type)).toEqual(['order.failed']);
  // The goods are the cart's again.
  await expectItems(page, CLOCKS);
  expect((await history(page, 'inventory.hold.released')).map(({ data }) => data['lines'])).toEqual([
    [{ productId: 'clock', quantity: CLOCKS }],
  ]);
});
