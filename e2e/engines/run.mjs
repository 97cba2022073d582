// `npm run test:engines`: the tests of `npm run test:browser` in other engines, and in Chromium on a profile on the disk.
// `--only <part of an engine's name>` asks fewer, `--markdown` prints the table for docs/runtimes.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdown, table } from '../runtimes/table.mjs';
import { engines, missing } from './engine.mjs';
import { leftOut } from './left-out.mjs';
import { versionOf } from './open.mjs';

/** @typedef {import('./engine.mjs').Engine} Engine */
/** @typedef {import('../runtimes/table.mjs').Result} Result */
/** @typedef {{ name: string, status: string, message: string, assertionResults: { fullName: string, status: string }[] }} TestFile */

const { values } = parseArgs({ options: { only: { type: 'string' }, markdown: { type: 'boolean' } } });
const top = fileURLToPath(new URL('../..', import.meta.url));
const limitMs = 20 * 60_000;

/** @type {Result[]} */
const results = [];
for (const engine of engines)
  if (engine.name.toLowerCase().includes(values.only?.toLowerCase() ?? '')) results.push(await ask(engine));

console.log();
for (const { runtime, report } of results) {
  for (const { name, error } of report.failed) console.log(`FAILED    ${runtime}: ${name}${error && `: ${error}`}`);
  for (const { name, why } of report.skipped) console.log(`left out  ${runtime}: ${name}, as ${why}`);
}
console.log(`\n${values.markdown ? markdown(results, 'Engine') : table(results, 'engine')}`);
const [passed, failed, skipped] = /** @type {const} */ (['passed', 'failed', 'skipped']).map((outcome) =>
  results.reduce((sum, { report }) => sum + report[outcome].length, 0),
);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} left out`);
process.exitCode = failed === 0 && passed !== 0 ? 0 : 1;

/**
 * An engine that is not there has failed: silence never passes.
 * @param {Engine} engine
 * @returns {Promise<Result>}
 */
async function ask(engine) {
  const lack = missing(engine);
  if (lack !== undefined) {
    const failed = [{ name: 'the engine is there', error: lack }];
    return { runtime: engine.name, version: '', report: { passed: [], failed, skipped: [] } };
  }
  const version = await versionOf(engine);
  console.log(`\n== ${engine.name} ${version}`);
  const folder = mkdtempSync(join(tmpdir(), 'crosstown-engines-'));
  try {
    const json = join(folder, 'report.json');
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'e2e/engines/vitest.config.ts'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`];
    const env = { ...process.env, ENGINE: engine.name };
    const { status } = spawnSync(process.execPath, [...vitest, ...reporters], {
      ...{ cwd: top, env, stdio: 'inherit', timeout: limitMs },
    });
    /** @type {TestFile[]} */
    const files = JSON.parse(readFileSync(json, 'utf8')).testResults;
    return { runtime: engine.name, version, report: reportOf(engine, files, status === 0) };
  } catch (error) {
    const failed = [{ name: 'the tests come to an end', error: String(error) }];
    return { runtime: engine.name, version, report: { passed: [], failed, skipped: [] } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Engine} engine
 * @param {TestFile[]} files
 * @param {boolean} succeeded what the runner itself says
 * @returns {Result['report']}
 */
function reportOf(engine, files, succeeded) {
  const notAsked = leftOut.filter(({ engines }) => engines.includes(engine.name));
  const unused = new Set(notAsked);
  /** @type {string[]} */
  const passed = [];
  /** @type {{ name: string, error: string }[]} */
  const failed = [];
  /** @type {{ name: string, why: string }[]} */
  const skipped = [];
  for (const { name: path, status, message, assertionResults: tests } of files) {
    const file = relative(top, path);
    if (status === 'failed' && !tests.some((test) => test.status === 'failed'))
      failed.push({ name: file, error: message });
    for (const test of tests) {
      const name = `${file} > ${test.fullName}`;
      const reason = notAsked.find((each) => each.file === file && test.fullName.endsWith(each.test));
      if (test.status === 'passed') passed.push(name);
      else if (test.status === 'failed') failed.push({ name, error: '' });
      else if (reason === undefined) failed.push({ name, error: 'it is left out for no reason that left-out.mjs has' });
      else skipped.push({ name, why: reason.why });
      if (reason !== undefined) unused.delete(reason);
    }
  }
  if (failed.length === 0 && !succeeded) failed.push({ name: 'nothing fails outside of tests', error: 'see above' });
  for (const { file, test } of unused)
    failed.push({ name: `${file} > ${test}`, error: 'left-out.mjs names it, and it is not there' });
  return { passed, failed, skipped };
}
