// `npm run test:chaos`: whether a page can rely on the bus of the built package as its outbox, in a Chromium whose tabs
// crash, freeze and come back. `--long` does much more of it, for the figures in the docs; `--seed <n>` does the same
// again; `--only <part of a scene's name>` does less; `--json <file>` also writes the counts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Chromium } from './chromium.mjs';
import { randomFrom } from './random.mjs';
import { scenes } from './scenes.mjs';
import { serve } from './serve.mjs';

/**
 * @typedef {object} Scene
 * @property {string} name
 * @property {Chromium} browser
 * @property {string} url
 * @property {() => number} random
 * @property {boolean} long
 * @property {() => Promise<Chromium>} killAndRestart ends the browser with SIGKILL and starts it again on its profile
 * @property {(line: string) => void} note
 * @property {(name: string, faults: readonly unknown[]) => void} check
 * @property {Figures} figures
 */

/** Rows of the tables in the docs. @typedef {{ failover: string[][], takeovers: string[][] }} Figures */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    long: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const sum = { passed: 0, failed: 0 };
/** @type {Figures} */
const figures = { failover: [], takeovers: [] };

const profile = mkdtempSync(join(tmpdir(), 'crosstown-chaos-'));
const server = await serve();
let browser = await Chromium.launch(profile);
console.log(`Chromium ${await browser.version()}, seed ${seed}`);
try {
  for (const [name, play] of Object.entries(scenes(values.long))) {
    if (name.includes(values.only)) await perform(name, play);
  }
} finally {
  await browser.kill();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
}
if (values.long) {
  console.log(markdown(['The page on duty', 'Trials', 'p50, ms', 'p95, ms', 'max, ms'], figures.failover));
  console.log(markdown(['Scene', 'Acknowledged', 'Lost', 'Takeovers', 'Handled twice', 'Bound'], figures.takeovers));
}
console.log(`\n${sum.passed} passed, ${sum.failed} failed (seed ${seed})`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(sum));
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;

/** @param {string} name @param {(scene: Scene) => Promise<void>} play */
async function perform(name, play) {
  const start = performance.now();
  console.log(`\n${name}`);
  /** @type {Scene} */
  const scene = {
    ...{ name, browser, figures, long: values.long, check, random: randomFrom(seed) },
    url: server.url,
    note: (line) => console.log(`  . ${line}`),
    killAndRestart: async () => {
      await browser.kill();
      browser = await Chromium.launch(profile);
      scene.browser = browser;
      return browser;
    },
  };
  try {
    await play(scene);
  } catch (error) {
    check('it comes to its end', [error instanceof Error ? error.stack : error]);
  }
  console.log(`  (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

/** @param {string} name @param {readonly unknown[]} faults */
function check(name, faults) {
  const ok = faults.length === 0;
  sum[ok ? 'passed' : 'failed']++;
  console.log(`  ${ok ? '✓' : '✗'} ${name}`);
  if (ok) return;
  const shown = faults.slice(0, 5).map((fault) => (typeof fault === 'string' ? fault : JSON.stringify(fault)));
  console.log(shown.map((fault) => `      ${fault}`).join('\n'));
  if (faults.length > 5) console.log(`      and ${faults.length - 5} more`);
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function markdown(head, rows) {
  if (rows.length === 0) return '';
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return ['', ...[head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}
