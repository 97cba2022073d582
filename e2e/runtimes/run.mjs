// `npm run test:runtimes`: runs one suite against the built package in every runtime it is for, and says what held.
// `--only <part of a runtime's name>` runs fewer, `--json <file>` also writes the counts.
import { rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runInChromium } from './launch/browser.mjs';
import { runInProcess } from './launch/process.mjs';
import { runInWorkerd } from './launch/workerd.mjs';
import { entryFiles, stage } from './stage.mjs';
import { details, table } from './table.mjs';

/** @typedef {import('./case.js').Report} Report */
/** @typedef {{ runtime: string, version: string, report: Report }} Result */

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });

/** @type {Record<string, (folder: string) => Promise<Result | Result[]>>} */
const launchers = {
  Node: (folder) => runInProcess('Node', folder),
  Chromium: runInChromium,
  workerd: runInWorkerd,
  Deno: (folder) => runInProcess('Deno', folder),
  Bun: (folder) => runInProcess('Bun', folder),
};

/** Entries that are not for every runtime, with the reason. */
const elsewhere = new Map([['crosstown/devtools', 'the panel is for pages, and needs React']]);

const folder = await stage();
/** @type {Result[]} */
const results = [];
try {
  for (const [name, launch] of Object.entries(launchers))
    if (name.toLowerCase().includes(values.only?.toLowerCase() ?? '')) results.push(...(await attempt(name, launch)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

console.log(`${details(results)}${table(results)}`);
const sum = { passed: count('passed'), failed: count('failed') };
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${count('skipped')} skipped`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(sum));
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;

/**
 * A runtime that does not come up has failed, and so has one that knows nothing of an entry.
 * @param {string} name
 * @param {(folder: string) => Promise<Result | Result[]>} launch
 * @returns {Promise<Result[]>}
 */
async function attempt(name, launch) {
  try {
    return [await launch(folder)].flat().map(withEntries);
  } catch (error) {
    const failed = [{ name: 'the runtime comes up and goes through the suite', error: String(error) }];
    return [{ runtime: name, version: '', report: { passed: [], failed, skipped: [] } }];
  }
}

/** @param {Result} result @returns {Result} */
function withEntries(result) {
  const { passed, failed, skipped } = result.report;
  const ran = [...passed, ...[...failed, ...skipped].map(({ name }) => name)];
  const missing = [...entryFiles().keys()].filter(
    (entry) => !elsewhere.has(entry) && !ran.some((name) => name === `importing ${entry} does nothing`),
  );
  const error = 'It is not among the entries of e2e/runtimes/package.ts.';
  const more = missing.map((entry) => ({ name: `importing ${entry} does nothing`, error }));
  return { ...result, report: { passed, failed: [...failed, ...more], skipped } };
}

/** @param {keyof Report} outcome */
function count(outcome) {
  return results.reduce((sum, { report }) => sum + report[outcome].length, 0);
}
