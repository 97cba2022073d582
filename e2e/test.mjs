// `npm test`: everything a change must pass, in order, with one sum at the end.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ passed: number, failed: number }} Count */

const top = new URL('..', import.meta.url);
const reports = mkdtempSync(join(tmpdir(), 'crosstown-test-'));
const sum = { passed: 0, failed: 0 };

/**
 * Runs a command with its output shown.
 * @param {string} name
 * @param {string[]} words
 * @param {Record<string, string>} [env]
 * @returns {boolean} whether it succeeded
 */
function run(name, words, env = {}) {
  console.log(`\n== ${name}`);
  const start = Date.now();
  const [command = '', ...rest] = words;
  const { status } = spawnSync(command, rest, { cwd: top, stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`== ${name} ${status === 0 ? 'passed' : 'failed'} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return status === 0;
}

/** @param {string} name @param {Count} count */
function add(name, count) {
  sum.passed += count.passed;
  sum.failed += count.failed;
  console.log(`== ${name}: ${count.passed} passed, ${count.failed} failed`);
}

/** @param {string} script a script of package.json that counts as one test */
function check(script) {
  const ok = run(script, ['npm', 'run', '--silent', script]);
  add(script, { passed: Number(ok), failed: Number(!ok) });
  return ok;
}

/**
 * Runs a test runner and counts its report. A runner that fails without a failing test (a crash, an error outside
 * of tests, nothing to run) counts as one failure: silence never passes.
 * @template Report
 * @param {string} name
 * @param {string[]} words
 * @param {Record<string, string>} env
 * @param {(report: Report) => Count} read
 */
function suite(name, words, env, read) {
  const ok = run(name, words, env);
  /** @type {Count} */
  let count = { passed: 0, failed: 0 };
  try {
    count = read(JSON.parse(readFileSync(join(reports, `${name}.json`), 'utf8')));
  } catch (error) {
    console.error(`No report of ${name}: ${error}`);
  }
  if (count.failed === 0 && (!ok || count.passed === 0)) count.failed = 1;
  add(name, count);
}

/** @param {{ numPassedTests: number, testResults: { status: string, assertionResults: { status: string }[] }[] }} report */
function readVitest(report) {
  // A file that fails without a failing test could not be loaded.
  const failures = report.testResults.map(
    ({ status, assertionResults }) =>
      assertionResults.filter((test) => test.status === 'failed').length || Number(status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: failures.reduce((all, each) => all + each, 0) };
}

/** @param {{ stats: { expected: number, unexpected: number, flaky: number } }} report */
function readPlaywright({ stats }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky };
}

check('lint');
check('typecheck');
if (check('build') && check('build:demo')) {
  const json = { vitest: join(reports, 'vitest.json'), playwright: join(reports, 'playwright.json') };
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${json.vitest}`];
  suite('vitest', [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...reporters], {}, readVitest);
  const playwright = [process.execPath, 'node_modules/playwright/cli.js', 'test', '-c', 'e2e', '--reporter=list,json'];
  suite('playwright', playwright, { PLAYWRIGHT_JSON_OUTPUT_NAME: json.playwright }, readPlaywright);
  const runtimes = [process.execPath, 'e2e/runtimes/run.mjs', '--json', join(reports, 'runtimes.json')];
  suite('runtimes', runtimes, {}, (/** @type {Count} */ sum) => sum);
  const chaos = [process.execPath, 'e2e/chaos/run.mjs', '--json', join(reports, 'chaos.json')];
  suite('chaos', chaos, {}, (/** @type {Count} */ sum) => sum);
} else console.log('\nNothing was built, so nothing more was tested.');

rmSync(reports, { recursive: true, force: true });
process.exitCode = sum.failed === 0 ? 0 : 1;
console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
