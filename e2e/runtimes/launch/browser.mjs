import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { chromium } from 'playwright';
import { launchOptions } from '../../browser.mjs';

/** @typedef {import('../case.js').Report} Report */

/**
 * Runs the suite in a page of Chromium, and in a worker of it.
 * @param {string} folder
 * @returns {Promise<{ runtime: string, version: string, report: Report }[]>}
 */
export async function runInChromium(folder) {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = join(folder, normalize(pathname));
    if (pathname === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>suite</title>');
    else if (!file.endsWith('.js') || !existsSync(file)) response.writeHead(404).end();
    else response.setHeader('content-type', 'text/javascript').end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const browser = await chromium.launch(launchOptions());
  try {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    const page = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`http://127.0.0.1:${address.port}/`);
    const version = browser.version();
    const [inPage, inWorker] = /** @type {[Report, Report]} */ (
      await page.evaluate(async (folder) => {
        const { report, reportOfWorker } = await import(`${folder}/page.js`);
        return [await report, await reportOfWorker(`${folder}/worker.js`)];
      }, '/pathed')
    );
    if (complaints.length > 0) throw new Error(`The page complained: ${complaints.join('; ')}`);
    return [
      { runtime: 'Chromium, page', version, report: inPage },
      { runtime: 'Chromium, worker', version, report: inWorker },
    ];
  } finally {
    await browser.close();
    server.close();
  }
}
