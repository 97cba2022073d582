// `npm run test:runtimes`: runs one suite against the built package in every runtime it is for, and says what held.
// `--only <part of a runtime's name>` runs fewer, `--json <file>` also writes the counts, `--markdown` prints the README's
// table.
import { rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runInChromium } from './launch/browser.mjs';
import { runInProcess } from './launch/process.mjs';
import { runInWorkerd } from './launch/workerd.mjs';
import { entryFiles, stage } from './stage.mjs';
import { details, markdown, table } from './table.mjs';

/** @typedef {import('./case.js').Report} Report */
/** @typedef {{ runtime: string, version: string, report: Report }} Result */

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, markdown: { type: 'boolean' } },
});

/** @type {Record<string, (folder: string) => Promise<Result | Result[]>>} */
const launchers = {
  Node: (folder) => runInProcess('Node', folder),
  Chromium: runInChromium,
  workerd: runInWorkerd,
  Deno: (folder) => runInProcess('Deno', folder),
  Bun: (folder) => runInProcess('Bun', folder),
};

/** Entries that are not for every runtime, with the reason. */
const elsewhere = new Map([
  ['crosstown/devtools', 'the panel is for pages, and needs React'],
  ['crosstown/react', 'the hooks need React, and do nothing without it'],
]);

const folder = await stage();
/** @type {Result[]} */
const results = [];
try {
  for (const [name, launch] of Object.entries(launchers))
    if (name.toLowerCase().includes(values.only?.toLowerCase() ?? '')) results.push(...(await attempt(name, launch)));
  results.push(...forgotten());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

console.log(`${details(results)}${values.markdown ? markdown(results) : table(results)}`);
const sum = { passed: count('passed'), failed: count('failed') };
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${count('skipped')} skipped`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(sum));
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;

/**
 * A runtime that does not come up has failed.
 * @param {string} name
 * @param {(folder: string) => Promise<Result | Result[]>} launch
 * @returns {Promise<Result[]>}
 */
async function attempt(name, launch) {
  try {
    return [await launch(folder)].flat();
  } catch (error) {
    const failed = [{ name: 'the runtime comes up and goes through the suite', error: String(error) }];
    return [{ runtime: name, version: '', report: { passed: [], failed, skipped: [] } }];
  }
}

/**
 * What fails when entries of package.json were imported nowhere.
 * @returns {Result[]}
 */
function forgotten() {
  const names = results.flatMap(({ report: { passed, failed } }) => [...passed, ...failed.map(({ name }) => name)]);
  const failed = [...entryFiles().keys()]
    .filter((entry) => !elsewhere.has(entry) && !names.includes(`importing ${entry} does nothing`))
    .map((entry) => ({
      name: `${entry} is imported`,
      error: 'It is not among the entries of e2e/runtimes/package.ts.',
    }));
  return failed.length === 0 ? [] : [{ runtime: 'none', version: '', report: { passed: [], failed, skipped: [] } }];
}

/** @param {keyof Report} outcome */
function count(outcome) {
  return results.reduce((sum, { report }) => sum + report[outcome].length, 0);
}
