import { expect } from '@playwright/test';
import { add, cartButton, expectItems, history, messages, openTab, test, toCheckout } from './shop.js';

test('an order goes through its steps, empties the cart of every tab and is one chain of events', async ({
  context,
}) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await add(a, 'Pour kettle');
  await expectItems(b, 1);
  await cartButton(a).click();
  await a.getByRole('button', { name: 'Check out' }).click();
  await a.getByRole('button', { name: 'Pay €94.90' }).click();
  const steps = a.getByRole('list', { name: /^Steps of order/ }).getByRole('listitem');
  await expect(messages(a)).toContainText('Order placed');
  await expect(a.getByText(/Order K-\w+ is placed/)).toBeVisible();
  for (const step of await steps.all()) await expect(step).toContainText(/ ms$/);
  await expectItems(a, 0);
  await expectItems(b, 0);
  await expect(messages(b)).not.toContainText('Order placed');

  await expect(messages(a)).toContainText('Delivery booked');
  await expect.poll(async () => (await history(a, 'shipping.booked')).length).toBe(1);
  const [started] = await history(a, 'checkout.started');
  // The receipt and the parcel follow from the order side by side, and the saga says what it does beside what it sends.
  await expect.poll(async () => (await history(a, 'receipt.*')).length).toBe(1);
  const chain = (await history(a, '**')).filter(
    ({ correlationId, type }) =>
      correlationId === started?.id && type !== 'receipt.posted' && !type.startsWith('saga.'),
  );
  expect(chain.map(({ type }) => type)).toEqual([
    'checkout.started',
    'inventory.hold.requested',
    'inventory.hold.placed',
    'pricing.quote.requested',
    'pricing.quoted',
    'payment.requested',
    'payment.authorised',
    'inventory.goods.requested',
    'inventory.goods.fetched',
    'order.placed',
    'shipping.booked',
  ]);
  for (const [index, { causationId }] of chain.entries()) expect(causationId).toBe(chain[index - 1]?.id);
});

test('a payment that is declined leaves the cart and the stock as they were, and can be tried again', async ({
  context,
}) => {
  const page = await openTab(context);
  await add(page, 'Porthole mirror');
  await expectItems(page, 1);
  await cartButton(page).click();
  await page.getByRole('button', { name: 'Check out' }).click();
  await page.getByRole('radio', { name: /0002/ }).check();
  await page.getByRole('button', { name: /^Pay / }).click();
  const steps = page.getByRole('list', { name: /^Steps of order/ }).getByRole('listitem');
  await expect(steps.nth(2)).toContainText('failed');
  await expect(page.getByRole('status').filter({ hasText: 'The card was declined' })).toBeVisible();
  await expectItems(page, 1);
  await expect
    .poll(async () => (await history(page, 'inventory.hold.*')).map(({ type }) => type.slice('inventory.hold.'.length)))
    .toEqual(['requested', 'placed', 'cancelled', 'released']);

  await page.getByRole('button', { name: 'Choose how to pay' }).click();
  await page.getByRole('radio', { name: /4242/ }).check();
  await page.getByRole('button', { name: /^Pay / }).click();
  await expect(page.getByText(/is placed/)).toBeVisible();
  await expectItems(page, 0);
  // Of two mirrors one was sold, so ten more were bought.
  await expect
    .poll(async () => (await history(page, 'inventory.restocked')).map(({ data }) => data))
    .toEqual([{ productId: 'mirror', quantity: 10 }]);
});

test('G6 a payment is sealed on its way to other tabs and in the store, and every tab can read it', async ({
  context,
}) => {
  const a = await openTab(context);
  const b = await openTab(context);
  await b.evaluate(() => {
    const heard: unknown[] = [];
    new BroadcastChannel('shop').addEventListener('message', ({ data }) => heard.push(data));
    Object.assign(globalThis, { heard });
  });
  await add(a, 'Morning mug');
  await expectItems(b, 1);
  await toCheckout(a);
  await a.getByRole('button', { name: /^Pay / }).click();
  await expect(a.getByText(/is placed/)).toBeVisible();
  await expect.poll(async () => (await history(b, 'receipt.posted')).length).toBe(1);
  const [authorised] = await history(b, 'payment.authorised');
  const [receipt] = await history(b, 'receipt.posted');

  const raw = await b.evaluate(async () => {
    const { heard } = globalThis as unknown as { readonly heard: unknown[] };
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const kept: unknown[] = [];
    for (const { name = '' } of await indexedDB.databases()) {
      if (name.startsWith('crosstown-keys')) continue;
      const database = await settled(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        kept.push(await settled(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    return { heard: JSON.stringify(heard), kept: JSON.stringify(kept) };
  });
  const reference = String(authorised?.data['reference']);
  expect(reference).toMatch(/^\w{8}$/);
  for (const text of [raw.heard, raw.kept]) {
    // What is not sealed is there to be read.
    expect(text).toContain(String(receipt?.data['key']));
    expect(text).toContain('payment.authorised');
    expect(text).toContain('saga.checkout.step.completed');
    expect(text).not.toContain(reference);
  }
});
