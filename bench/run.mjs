// `npm run bench`: measures what the project promises of its speed and says which promises hold.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.mjs';
import { emitGroups } from './emit/claims.mjs';
import { thisMachine } from './machine.mjs';
import { measureGroup } from './measure.mjs';
import { machineLine, markdownTable, plainTable, verdict } from './report.mjs';

const usage = `npm run bench -- [options]
  --only <name>       only groups whose name contains it (may be repeated)
  --quick             fewer rounds
  --with <file>       measure a module that exports \`adapter\` (see emit/adapters.mjs) in the place of each peer too
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
  const groups = emitGroups.filter(({ name }) => values.only?.some((part) => name.includes(part)) ?? true);
  if (values.help || groups.length === 0) return console.log(usage);
  if (values.list) return console.log(groups.map(({ name }) => name).join('\n'));
  buildIfStale();
  const machine = thisMachine();
  const effort = values.quick ? { rounds: 3, readings: 3 } : { rounds: 7, readings: 5 };
  const findings = [];
  for (const group of groups) {
    if (process.stderr.isTTY) console.error(`${group.name} …`);
    findings.push(...(await measureGroup(values.with ? joinedBy(resolve(values.with), group) : group, effort)));
  }
  if (values.json) return console.log(JSON.stringify({ machine, effort, findings }, undefined, 2));
  console.log(values.markdown ? markdownTable(findings) : plainTable(findings));
  console.log(`\n${machineLine(machine)}\n`);
  console.log(verdict(findings));
}

/**
 * The group with one more library, which is set beside ours and beside every peer.
 * @param {string} library
 * @param {import('./emit/claims.mjs').Group} group
 * @returns {import('./emit/claims.mjs').Group}
 */
function joinedBy(library, group) {
  const ours = group.cells.filter((cell) => cell.startsWith('crosstown in '));
  const inPlace = (/** @type {string} */ cell) => cell.replace('crosstown in ', `${library} in `);
  const claims = group.claims.flatMap((claim) => [
    claim,
    ...(ours.includes(claim.ours) ? [{ ...claim, says: `WITH: ${claim.says}`, ours: inPlace(claim.ours) }] : []),
  ]);
  return { ...group, cells: [...group.cells, ...ours.map(inPlace)], claims };
}
