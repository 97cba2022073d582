import { expect, type Page } from '@playwright/test';
import { add, cartButton, expectItems, history, openTab, test } from './shop.js';

const RATE = 5_000;

async function startTraffic(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Live traffic' }).click();
  await page.getByRole('slider', { name: 'Events a second' }).fill('100');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.keyboard.press('Escape');
}

/** The rate that the page says it reached, events a second. */
async function achieved(page: Page): Promise<number> {
  const text = await page.getByRole('button', { name: /\/s$/ }).textContent();
  return Number(text?.replace(/\D/g, ''));
}

test('the live traffic can be stored and sent to other tabs, or neither', async ({ context }) => {
  const a = await openTab(context);
  const b = await openTab(context);
  const received = (): Promise<number> =>
    b.evaluate(() => {
      const counter = globalThis as unknown as { webhooks?: number };
      return counter.webhooks ?? 0;
    });
  await b.evaluate(() => {
    const counter = globalThis as unknown as { webhooks: number };
    counter.webhooks = 0;
    shop.on('github.**', () => void counter.webhooks++);
  });
  await startTraffic(a);
  await expect.poll(() => a.evaluate(() => shop.stats().emitted)).toBeGreaterThan(1_000);
  expect(await history(a, 'github.push')).toEqual([]);
  expect(await received()).toBe(0);

  await add(a, 'Arc lamp');
  await a.getByRole('button', { name: /\/s$/ }).click();
  await a.getByRole('slider').fill('50');
  await a.getByLabel(/Also store it/).check();
  await a.getByLabel('Also send it to other tabs').check();
  await expect.poll(received).toBeGreaterThan(50);
  await a.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect.poll(async () => (await history(b, 'github.**')).length).toBeGreaterThan(50);
  // The shop changed buses under way: its cart came back from the store.
  await expectItems(a, 1);
});
