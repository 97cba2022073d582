import { expect, type Locator, type Page } from '@playwright/test';
import { add, expectItems, history, openTab, test } from './shop.js';

const RATE = 5_000;
const WATCHED_SECONDS = 4;
/** More lines than a panel of this height can show are not in the document. */
const MOST_LINES = 150;

// What is measured is the shop: not another test beside it, and not what records a page for a trace.
test.describe.configure({ mode: 'default' });
test.use({ trace: 'off' });

async function startTraffic(page: Page, position: number): Promise<void> {
  await page.bringToFront();
  await page.getByRole('button', { name: 'Live traffic' }).click();
  await page.getByRole('slider', { name: 'Events a second' }).fill(String(position));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.keyboard.press('Escape');
}

/** The button that says the rate that is reached, events a second. */
const rateButton = (page: Page): Locator => page.getByRole('button', { name: /\/s$/ });

/** What the page notes of its own slowness; times in ms. */
interface Slowness {
  /** Tasks of more than 50 ms. */
  readonly longTasks: number[];
  /** From one frame to the next. */
  readonly frames: number[];
}

function noteSlowness(): void {
  const slowness: Slowness = { longTasks: [], frames: [] };
  Object.assign(globalThis, { slowness });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) slowness.longTasks.push(Math.round(duration));
  }).observe({ type: 'longtask' });
  let last = performance.now();
  const frame = (now: number): void => {
    slowness.frames.push(Math.round(now - last));
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** What was noted since the last call. */
function takeSlowness(page: Page): Promise<Slowness> {
  return page.evaluate(() => {
    const { slowness } = globalThis as unknown as { slowness: Slowness };
    return { longTasks: slowness.longTasks.splice(0), frames: slowness.frames.splice(0) };
  });
}

function describeSlowness({ longTasks, frames }: Slowness): string {
  const sum = (times: readonly number[]): number => times.reduce((all, each) => all + each, 0);
  const tasks = `${longTasks.length} tasks over 50 ms, the longest ${Math.max(0, ...longTasks)} ms, ${sum(longTasks)} ms together`;
  return `${tasks}; ${Math.round((frames.length * 1000) / sum(frames))} frames a second, the longest ${Math.max(...frames)} ms`;
}

/** Adds a mug, and says how many ms later the page showed it in the cart. */
function addTimed(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const start = performance.now();
    document.querySelector<HTMLElement>('[aria-label="Add Morning mug to cart"]')?.click();
    while (document.querySelector('[aria-label="Cart, 1 item"]') === null) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return Math.round(performance.now() - start);
  });
}

test(`at ${RATE} events a second the shop answers, the panel's list scrolls, and it holds few lines`, async ({
  context,
}, info) => {
  await context.addInitScript(noteSlowness);
  const page = await openTab(context);
  const events = page.getByRole('grid', { name: 'Events' });
  const lines = events.getByRole('row');

  await startTraffic(page, 100);
  await expect.poll(() => page.evaluate(() => shop.stats().emitted)).toBeGreaterThan(RATE / 2);
  const loading = await takeSlowness(page);

  const before = await page.evaluate(() => ({ emitted: shop.stats().emitted, at: performance.now() }));
  let mostLines = 0;
  for (let second = 0; second < WATCHED_SECONDS; second++) {
    await page.waitForTimeout(1_000);
    mostLines = Math.max(mostLines, await lines.count());
  }
  const after = await page.evaluate(() => ({ emitted: shop.stats().emitted, at: performance.now() }));
  const running = await takeSlowness(page);
  const rate = Math.round(((after.emitted - before.emitted) * 1000) / (after.at - before.at));

  const answered = await addTimed(page);
  const newest = page.getByRole('button', { name: /new$|^Newest$/ });
  await events.hover();
  await page.mouse.wheel(0, -2_000);
  await expect(newest).toBeVisible();
  // Away from its end the list stands still: what is read does not run away.
  const first = await lines.nth(5).getAttribute('data-sequence');
  await page.waitForTimeout(300);
  expect(await lines.nth(5).getAttribute('data-sequence')).toBe(first);
  await newest.click();
  await expect(newest).toHaveCount(0);
  await rateButton(page).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();

  const report = [
    `${rate} events a second for ${Math.round(after.at - before.at)} ms: ${describeSlowness(running)}`,
    `before, while the webhooks loaded: ${describeSlowness(loading)}`,
    `a click showed in the cart after ${answered} ms`,
    `at most ${mostLines} lines of ${after.emitted} events in the document`,
  ].join('\n');
  info.annotations.push({ type: 'live traffic', description: report });
  console.log(report);

  expect(mostLines).toBeLessThan(MOST_LINES);
  expect(mostLines).toBeGreaterThan(5);
  expect(answered, 'ms until the cart shows what was added').toBeLessThan(2_000);
});

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
  await startTraffic(a, 45);
  await expect.poll(() => a.evaluate(() => shop.stats().emitted)).toBeGreaterThan(60);
  expect(await history(a, 'github.push')).toEqual([]);
  expect(await received()).toBe(0);

  await add(a, 'Arc lamp');
  await rateButton(a).click();
  await a.getByLabel(/Also store it/).check();
  await a.getByLabel('Also send it to other tabs').check();
  await expect.poll(received).toBeGreaterThan(20);
  await a.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect.poll(async () => (await history(b, 'github.**', 20)).length).toBe(20);
  // The shop changed buses under way: its cart came back from the store.
  await expectItems(a, 1);
});
