import { expect } from '@playwright/test';
import { add, expectItems, history, messages, openTab, test } from './shop.js';

test('T5 garbage on the shop’s channel is dropped and counted, and the shop goes on', async ({ context }) => {
  const page = await openTab(context);
  const dropped = await page.evaluate(async () => {
    const before = shop.stats().dropped;
    const channel = new BroadcastChannel('shop');
    const record = {
      v: 1,
      id: 'x',
      type: 'cart.item.added',
      timestamp: Date.now(),
      source: 'tab',
      correlationId: 'x',
      data: { productId: 'lamp', quantity: 1, tab: 'x' },
      metadata: {},
      priority: 0,
      node: 'elsewhere',
      seq: 1,
    };
    for (const garbage of [null, 42, 'cart.item.added', { type: 'cart.item.added' }, new Map([['v', 1]])]) {
      channel.postMessage(garbage);
    }
    channel.postMessage([
      null,
      {},
      { ...record, type: 'no spaces allowed' },
      { ...record, timestamp: 'now' },
      { ...record, priority: Number.NaN },
      { ...record, seq: -1 },
      { ...record, v: 99 },
      { ...record, data: 'x'.repeat(2 ** 21) },
    ]);
    while (shop.stats().dropped < before + 13) await new Promise((resolve) => setTimeout(resolve, 10));
    return shop.stats().dropped - before;
  });
  expect(dropped).toBe(13);
  await expectItems(page, 0);
  await add(page, 'Arc lamp');
  await expectItems(page, 1);
  await expect.poll(async () => (await history(page, 'inventory.reserved')).length).toBe(1);
});

test('T4 an event that cannot be cloned stays in its tab, gets a SerializationError that names the place, and the shop goes on', async ({
  context,
}) => {
  const a = await openTab(context);
  const b = await openTab(context);
  const refused = await a.evaluate(async () => {
    const unclonable = { productId: 'lamp', quantity: 1, tab: shop.nodeId, gift: { wrap: () => 'paper' } };
    const emission = shop.emit('cart.item.added', unclonable);
    const { delivered } = await emission;
    const error = await emission.persisted.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { delivered, ...(error as { name: string; code: string; path: string; type: string }) };
  });
  expect(refused).toMatchObject({
    name: 'SerializationError',
    code: 'NOT_SERIALIZABLE',
    type: 'cart.item.added',
    path: 'data.gift.wrap',
  });
  expect(refused.delivered).toBeGreaterThan(0);
  await expect(messages(a)).toContainText('SerializationError');
  await expectItems(a, 1);
  await expectItems(b, 0);

  await add(b, 'Morning mug');
  await expectItems(b, 1);
  await expect
    .poll(async () => (await history(b, 'inventory.reserved')).map(({ data }) => data['productId']))
    .toEqual(['mug']);
  // What never left the tab is not in its history either.
  await a.reload();
  await expectItems(a, 1);
});

test('E5 P2 a wrong type and a wrong pattern are refused where they are written, and the shop goes on', async ({
  context,
}) => {
  const page = await openTab(context);
  const codes = await page.evaluate(() => {
    const codeOf = (attempt: () => unknown): unknown => {
      try {
        return attempt();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const wrongType = 'cart..added' as 'cart.item.added';
    return [
      codeOf(() => shop.emit(wrongType, { productId: 'lamp', quantity: 1, tab: shop.nodeId })),
      codeOf(() => shop.on('cart.item-*', () => {})),
    ];
  });
  expect(codes).toEqual(['INVALID_EVENT_TYPE', 'INVALID_PATTERN']);
  await add(page, 'Arc lamp');
  await expectItems(page, 1);
});

test('G5 an order that is none is refused where it is emitted, with everything that is wrong, and the shop goes on', async ({
  context,
}) => {
  const page = await openTab(context);
  const refused = await page.evaluate(() => {
    const lines = [{ productId: 'lamp', quantity: -1 }];
    const order = { orderId: 'K-1', lines, totalCents: 0, service: 'post', tab: shop.nodeId } as const;
    try {
      shop.emit('order.placed', order);
      return undefined;
    } catch (error) {
      const { name, code, issues } = error as { name: string; code: string; issues: { path: PropertyKey[] }[] };
      return { name, code, paths: issues.map(({ path }) => path.join('.')) };
    }
  });
  expect(refused).toMatchObject({ name: 'SchemaError', paths: ['lines.0.quantity', 'totalCents'] });
  expect(await history(page, 'order.placed')).toEqual([]);
  await add(page, 'Arc lamp');
  await expectItems(page, 1);
});
