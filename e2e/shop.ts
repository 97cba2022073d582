import { type BrowserContext, test as base, expect, type Locator, type Page } from '@playwright/test';

/** A stored event as a test reads it. */
export interface StoredFact {
  readonly offset: number;
  readonly id: string;
  readonly type: string;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly source: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Every test ends with a look at what the pages and workers said: a shop in order says nothing. */
export const test = base.extend<{ readonly complaints: string[] }>({
  complaints: [
    async ({ context }, use) => {
      const complaints: string[] = [];
      context.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      context.on('weberror', (webError) => complaints.push(String(webError.error())));
      await use(complaints);
      expect(complaints, 'errors and warnings on the console').toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a tab and waits until its modules, and the stock keeper, are at work. */
export async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('/');
  await ready(page);
  return page;
}

export async function ready(page: Page): Promise<void> {
  await expect(product(page, 'Morning mug')).toContainText('In stock');
}

/** The card of a product in the catalogue. */
export function product(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

/** Adds a product as a visitor would: in the tab in front, as the ones behind it get few frames. */
export async function add(page: Page, name: string): Promise<void> {
  await page.bringToFront();
  await page.getByRole('button', { name: `Add ${name} to cart` }).click();
}

/** Goes from the catalogue to where one pays. */
export async function toCheckout(page: Page): Promise<void> {
  await page.bringToFront();
  await cartButton(page).click();
  await page.getByRole('button', { name: 'Check out' }).click();
  await expect(page.getByRole('heading', { name: 'Checkout' })).toBeVisible();
}

export function cartButton(page: Page): Locator {
  return page.getByRole('button', { name: /^Cart,/ });
}

export async function expectItems(page: Page, count: number): Promise<void> {
  await expect(cartButton(page)).toHaveAccessibleName(`Cart, ${count === 1 ? '1 item' : `${count} items`}`);
}

/** What the tab has told its customer; the devtools show the same words as data of events. */
export function messages(page: Page): Locator {
  return page.getByRole('log', { name: 'Messages' });
}

/** What the tab's bus finds in the store. */
export function history(page: Page, pattern: string, limit = 1_000): Promise<StoredFact[]> {
  return page.evaluate(
    async (query) => {
      const found = [];
      for await (const { offset, event } of shop.history(query)) {
        found.push({ offset, ...event.toRecord() });
      }
      return found as unknown as StoredFact[];
    },
    { pattern: pattern as '**', limit },
  );
}
