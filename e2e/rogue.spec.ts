import { expect, type Locator, type Page } from '@playwright/test';
import { add, cartButton, expectItems, history, messages, openTab, test, toCheckout } from './shop.js';

/** Everything the rogue tries, as the page tells of it: what it wanted, and why it did not get it. */
const refusals = [
  /emit payment\.authorised.*"payment\.\*\*" takes the grant "payment:write", and "rogue" is in no group of trust/,
  /subscribe to payment\.\*\*.*takes the grant "payment:read"/,
  /subscribe to \*\*.*its permissions allow it to subscribe to only/,
  /emit payment\.authorised.*its events bear its own name, not "payment"/,
  /answer inventory\.check.*its permissions allow it to answer nothing/,
  /intercept \*\*.*its permissions allow it to intercept nothing/,
  /place an order of nothing.*an order has something in it/,
  /emit so many rogue\.noise × 1\d.*vetoed by “house rules: noise”/,
];

const rogueButton = (page: Page): Locator => page.getByRole('button', { name: /^Rogue plugin$|refused$/ });
const listed = (page: Page): Locator => page.getByRole('list', { name: 'Refused' }).getByRole('listitem');

async function letLoose(page: Page): Promise<void> {
  await page.bringToFront();
  await rogueButton(page).click();
  await page.getByRole('switch', { name: 'Let it loose' }).check();
}

/** What a bus has that a plugin could leave behind. */
function possessions(page: Page): Promise<unknown> {
  return page.evaluate(() => ({
    plugins: shop.plugins.map(({ name }) => name),
    subscriptions: shop.subscriptions().map(({ pattern, count }) => `${count} ${pattern}`),
    waiting: [shop.stats().inFlight, shop.stats().queued],
  }));
}

test('G3 G4 everything a rogue plugin tries is refused, and nothing is left of it when it is gone', async ({
  context,
}) => {
  const page = await openTab(context);
  const before = await possessions(page);
  await letLoose(page);
  for (const refusal of refusals) await expect(listed(page).filter({ hasText: refusal })).not.toHaveCount(0);
  expect(await page.evaluate(() => shop.plugins.at(-1))).toMatchObject({ name: 'rogue', state: 'active' });
  expect(await page.evaluate(() => shop.policy.explain('rogue', 'on', 'payment.requested').allowed)).toBe(false);

  const panel = page.getByRole('region', { name: 'Crosstown devtools' });
  await panel.getByRole('tab', { name: /^Plugins/ }).click();
  const refused = panel.getByRole('list', { name: 'All refusals' }).getByRole('listitem');
  await expect(refused.filter({ hasText: /rogue\s*emit\s*payment\.authorised\s*payment:write/ })).toHaveCount(1);
  await expect(refused.filter({ hasText: /rogue\s*respond\s*inventory\.check/ })).toHaveCount(1);
  await expect(panel.getByRole('row').filter({ hasText: /rogue\s*6\.6\.6/ })).toContainText('active');

  await rogueButton(page).click();
  const looseSwitch = page.getByRole('switch', { name: 'Let it loose' });
  await looseSwitch.press('Space');
  await expect(looseSwitch).not.toBeChecked();
  await expect(page.getByText('refused, and nothing of it is left')).toBeVisible();
  await expect.poll(() => possessions(page)).toEqual(before);
  // Its next attempt would have come by then.
  const denied = await page.evaluate(() => shop.stats().denied);
  await page.waitForTimeout(1_000);
  expect(await page.evaluate(() => shop.stats().denied)).toBe(denied);
  expect(await history(page, 'order.*')).toEqual([]);
});

test('G4 with a rogue plugin on it the shop sells, and what is declined stays declined', async ({ context }) => {
  const page = await openTab(context);
  const other = await openTab(context);
  await letLoose(page);
  await page.keyboard.press('Escape');
  await add(page, 'Porthole mirror');
  await expectItems(other, 1);
  await toCheckout(page);
  await page.getByRole('radio', { name: /0002/ }).check();
  await page.getByRole('button', { name: /^Pay / }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The card was declined' })).toBeVisible();
  // It has had the time to say that it was paid, and nobody took it for true.
  const emitted = await page.evaluate(() => shop.stats().denied);
  await expect.poll(() => page.evaluate(() => shop.stats().denied), { timeout: 20_000 }).toBeGreaterThan(emitted + 6);
  expect(await history(page, 'payment.authorised')).toEqual([]);

  await page.getByRole('button', { name: 'Choose how to pay' }).click();
  await page.getByRole('radio', { name: /4242/ }).check();
  await page.getByRole('button', { name: /^Pay / }).click();
  await expect(messages(page)).toContainText('Order placed');
  await expect(cartButton(page)).toHaveAccessibleName('Cart, 0 items');
  await expectItems(other, 0);

  const placed = await history(page, 'order.placed');
  expect(placed.map(({ source, data }) => [source, data['lines']])).toEqual([
    ['saga.checkout', [{ productId: 'mirror', quantity: 1 }]],
  ]);
  const authorised = await history(other, 'payment.authorised');
  expect(authorised.map(({ source, data }) => [source, data['orderId']])).toEqual([
    ['payment', placed[0]?.data['orderId']],
  ]);
  // Two payments were asked for, and no other by what the rogue made up.
  const calls = await page.evaluate(() =>
    shop
      .stats()
      .handlers.flatMap(({ handler: { scope, name }, calls: count }) =>
        ['charge', 'refund'].includes(name) ? [`${scope}: ${name} ${count}`] : [],
      ),
  );
  expect(calls.sort()).toEqual(['payment: charge 2']);
  expect(await page.evaluate(() => shop.stats().failures)).toBe(0);
});
