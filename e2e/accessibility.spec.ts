import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { add, cartButton, expectItems, messages, openTab, test } from './shop.js';

const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

async function expectClean(page: Page, what: string): Promise<void> {
  // Colours are judged at rest.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  expect(found, what).toEqual([]);
}

for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`on a ${size} ${colorScheme} screen`, () => {
      test.use({ viewport, colorScheme });

      test('axe finds nothing wrong with the shop, the cart, the checkout, the traffic, the rogue and the devtools', async ({
        context,
      }) => {
        const page = await openTab(context);
        const close = page.getByRole('button', { name: 'Close devtools' });
        const panel = page.getByRole('region', { name: 'Crosstown devtools' });
        const open = page.getByRole('button', { name: 'Open Crosstown devtools' });
        if (size === 'wide') await close.click();
        await expect(open).toBeVisible();
        // First, as it leaves lines in the panel that would push others off the screen.
        await page.getByRole('button', { name: 'Rogue plugin' }).click();
        const loose = page.getByRole('switch', { name: 'Let it loose' });
        await loose.check();
        await expect(page.getByRole('list', { name: 'Refused' }).getByRole('listitem').first()).toBeVisible();
        await expectClean(page, 'the rogue plugin');
        await loose.uncheck();
        await page.keyboard.press('Escape');
        await add(page, 'Arc lamp');
        await expectItems(page, 1);
        await expect(messages(page)).toContainText('Arc lamp added');
        await page.getByRole('button', { name: 'Live traffic' }).click();
        await expectClean(page, 'the catalogue, a message and the traffic');
        await page.keyboard.press('Escape');
        await cartButton(page).click();
        await page.getByRole('button', { name: 'Check out' }).click();
        await expectClean(page, 'the checkout');
        await page.getByRole('button', { name: 'Close cart' }).click();
        await open.click();
        await panel.getByRole('row').filter({ hasText: 'cart.item.added' }).last().click();
        await expect(panel.getByRole('complementary', { name: 'Event' })).toBeVisible();
        await expectClean(page, 'the devtools');
      });
    });
  }
}

test('everything can be bought with the keyboard alone', async ({ context }) => {
  const page = await openTab(context);
  /** Walks to a button, forwards or backwards, and presses it. */
  const press = async (name: RegExp | string, step: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
    const button = page.getByRole('button', { name });
    const isFocused = (): Promise<boolean> => button.evaluate((element) => element === document.activeElement);
    for (let steps = 0; steps < 40 && !(await isFocused()); steps++) await page.keyboard.press(step);
    await expect(button).toBeFocused();
    await page.keyboard.press('Enter');
  };
  await press('Add Perch chair to cart');
  await expectItems(page, 1);
  await press(/^Cart,/, 'Shift+Tab');
  await expect(page.getByRole('heading', { name: 'Your cart' })).toBeFocused();
  await press('One Perch chair more');
  await expectItems(page, 2);
  await press('Check out');
  await expect(page.getByRole('heading', { name: 'Checkout' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /0002/ })).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await press(/^Pay €/);
  await expect(page.getByRole('heading', { name: 'Checkout' })).toBeFocused();
  await expect(page.getByText(/is placed/)).toBeVisible();
  await press('Keep shopping');
  await expect(page.getByRole('heading', { name: 'Checkout' })).toHaveCount(0);
  await expect(cartButton(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Your cart' })).toHaveCount(0);
  await expect(cartButton(page)).toBeFocused();
});
