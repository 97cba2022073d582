/** @typedef {import('./case.js').Report} Report */
/** @typedef {{ runtime: string, version: string, report: Report }} Result */

/**
 * Runtimes by outcomes, as lines.
 * @param {readonly Result[]} results
 * @param {string} [of] what they are
 */
export function table(results, of = 'runtime') {
  const rows = [[of, 'version', 'passed', 'failed', 'left out'], ...results.map(cells)];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const pad = (/** @type {string} */ cell, /** @type {number} */ column) =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/**
 * The same for the README.
 * @param {readonly Result[]} results
 * @param {string} [of] what they are
 */
export function markdown(results, of = 'Runtime') {
  const rows = [
    [of, 'Version', 'Passed', 'Failed', 'Left out'],
    ['---', '---', '---:', '---:', '---:'],
    ...results.map(cells),
  ];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** @param {Result} result */
function cells({ runtime, version, report: { passed, failed, skipped } }) {
  return [runtime, version, ...[passed, failed, skipped].map(({ length }) => String(length))];
}

/**
 * What failed and how, and what was left out and why.
 * @param {readonly Result[]} results
 */
export function details(results) {
  const lines = results.flatMap(({ runtime, report: { failed, skipped } }) => [
    ...failed.map(({ name, error }) => `FAILED  ${runtime}: ${name}\n${error.replace(/^/gm, '        ')}`),
    ...[...new Set(skipped.map(({ why }) => why))].map((why) => {
      const cases = skipped.filter((each) => each.why === why).length;
      return `skipped ${runtime}: ${cases} ${cases === 1 ? 'case' : 'cases'}, as ${why}`;
    }),
  ]);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}
