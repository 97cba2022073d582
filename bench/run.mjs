// `npm run bench`: measures what the project promises of its speed and says which promises hold.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { browserGroups } from './browser/claims.mjs';
import { BenchBrowser } from './browser/tabs.mjs';
import { buildIfStale } from './build.mjs';
import { measureRound } from './emit/cells.mjs';
import { emitGroups } from './emit/claims.mjs';
import { thisMachine } from './machine.mjs';
import { measureGroup } from './measure.mjs';
import { machineLine, markdownTable, plainTable, verdict } from './report.mjs';

const usage = `npm run bench -- [options]
  --only <name>       only groups whose name contains it (may be repeated)
  --quick             fewer rounds
  --with <file>       put another build of ours, or a module that exports \`adapter\` (see emit/adapters.mjs) beside every peer as well
  --json, --markdown  how to print what was found
  --list              names of the groups`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    with: { type: 'string' },
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    markdown: { type: 'boolean' },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

await run();

async function run() {
  const emitting = selected(emitGroups).map((group) => (values.with ? joinedBy(resolve(values.with), group) : group));
  const browsing = selected(browserGroups);
  if (values.help || emitting.length + browsing.length === 0) return console.log(usage);
  if (values.list) return console.log([...emitting, ...browsing].map(({ name }) => name).join('\n'));
  buildIfStale();
  const machine = thisMachine();
  const findings = await measureAll(emitting, values.quick ? 3 : 5, measureRound);
  if (browsing.length > 0) {
    const browser = await BenchBrowser.open();
    machine.browser = browser.name;
    const measure = browser.measureRound.bind(browser);
    findings.push(...(await measureAll(browsing, values.quick ? 2 : 5, measure).finally(() => browser.close())));
  }
  if (values.json) return console.log(JSON.stringify({ machine, findings }, undefined, 2));
  console.log(values.markdown ? markdownTable(findings) : plainTable(findings));
  console.log(`\n${machineLine(machine)}\n`);
  console.log(verdict(findings));
}

/** @param {readonly import('./claims.mjs').Group[]} groups */
function selected(groups) {
  return groups.filter(({ name }) => values.only?.some((part) => name.includes(part)) ?? true);
}

/**
 * @param {readonly import('./claims.mjs').Group[]} groups
 * @param {number} rounds
 * @param {import('./measure.mjs').MeasureRound} measure
 */
async function measureAll(groups, rounds, measure) {
  const findings = [];
  for (const group of groups) {
    if (process.stderr.isTTY) console.error(`${group.name} …`);
    findings.push(...(await measureGroup(group, rounds, measure)));
  }
  return findings;
}

/**
 * The group with one more library, which is set beside every peer as ours is.
 * @param {string} library
 * @param {import('./claims.mjs').Group} group
 * @returns {import('./claims.mjs').Group}
 */
function joinedBy(library, group) {
  // A feature is set beside ours without it; another build may not have it.
  const ours = group.adds ? [] : group.cells.filter((cell) => cell.startsWith('crosstown in '));
  const inPlace = (/** @type {string} */ cell) => cell.replace('crosstown in ', `${library} in `);
  const claims = group.claims.flatMap((claim) => [
    claim,
    ...(ours.includes(claim.ours) ? [{ ...claim, says: `WITH: ${claim.says}`, ours: inPlace(claim.ours) }] : []),
  ]);
  return { ...group, cells: [...group.cells, ...ours.map(inPlace)], claims };
}
