import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { launchOptions } from '../../e2e/browser.mjs';
import { servePage } from './serve.mjs';

/** @typedef {import('../measure.mjs').Cell} Cell */
/** @typedef {{ bench: import('./page.mjs').Bench }} BenchWindow */

/** A Chromium that measures. Its profile is on disk: in an incognito context IndexedDB would be memory. */
export class BenchBrowser {
  static async open() {
    const profile = mkdtempSync(join(tmpdir(), 'crosstown-bench-'));
    const server = await servePage();
    const context = await chromium.launchPersistentContext(profile, { ...launchOptions(), headless: true });
    const agent = await context.pages()[0]?.evaluate(() => navigator.userAgent);
    return new BenchBrowser(profile, server, context, `Chromium ${agent?.match(/Chrome\/(\d+)/)?.[1]}`);
  }

  /**
   * @param {string} profile
   * @param {{ url: string, close: () => void }} server
   * @param {import('playwright').BrowserContext} context
   * @param {string} name
   */
  constructor(profile, server, context, name) {
    this.profile = profile;
    this.server = server;
    this.context = context;
    this.name = name;
  }

  /**
   * One round: fresh tabs for each cell, all warm before the first reading, then readings in turn.
   * @param {readonly Cell[]} cells
   * @param {number} readings
   * @returns {Promise<readonly (readonly number[])[]>} of each cell, its readings in order
   */
  async measureRound(cells, readings) {
    const tabs = [];
    for (const cell of cells) tabs.push(await this.#openCell(cell));
    const taken = cells.map(() => /** @type {number[]} */ ([]));
    for (let reading = 0; reading < readings; reading++) {
      for (let place = 0; place < tabs.length; place++) {
        const index = (place + reading) % tabs.length;
        taken[index]?.push(await read(/** @type {import('playwright').Page} */ (tabs[index])));
      }
    }
    for (const tab of this.context.pages()) await tab.close();
    return taken;
  }

  async close() {
    await this.context.close();
    this.server.close();
    rmSync(this.profile, { recursive: true, force: true });
  }

  /** @param {Cell} cell */
  async #openCell({ scenario, library }) {
    if (scenario === 'send') {
      const receiver = await this.#openTab();
      await receiver.evaluate(
        (name) => /** @type {BenchWindow} */ (/** @type {unknown} */ (window)).bench.listen(name),
        library,
      );
    }
    const tab = await this.#openTab();
    await tab.evaluate(
      ([scenarioName = '', name = '']) =>
        /** @type {BenchWindow} */ (/** @type {unknown} */ (window)).bench.prepare(scenarioName, name),
      [scenario, library],
    );
    await read(tab);
    return tab;
  }

  async #openTab() {
    const tab = await this.context.newPage();
    tab.on('pageerror', (error) => console.error(error));
    await tab.goto(this.server.url);
    await tab.waitForFunction('globalThis.bench');
    return tab;
  }
}

/** @param {import('playwright').Page} tab */
function read(tab) {
  return tab.evaluate(() => /** @type {BenchWindow} */ (/** @type {unknown} */ (window)).bench.read());
}
