import { libraryOf } from './claims.mjs';

/** @typedef {import('./measure.mjs').Finding} Finding */
/** @typedef {import('./machine.mjs').Machine} Machine */

/** @param {Machine} machine */
export function machineLine({ cpu, cores, node, browser, load, dateNowNs }) {
  const engines = [`Node ${node}`, ...(browser === undefined ? [] : [browser])].join(', ');
  return `${cpu}, ${cores} cores, ${engines}, load ${load}; Date.now() costs ${dateNowNs} ns here.`;
}

/** @param {readonly Finding[]} findings */
export function plainTable(findings) {
  const rows = [['', 'ours', 'theirs', 'ratio', 'target', ''], ...findings.map(cellsOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {readonly Finding[]} findings */
export function markdownTable(findings) {
  const rows = findings.map((finding) => `| ${cellsOf(finding).join(' | ')} |`);
  return ['| | ours | theirs | ratio | target | |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** @param {readonly Finding[]} findings */
export function verdict(findings) {
  const claims = findings.filter(({ met }) => met !== undefined);
  const missed = claims.filter(({ met }) => met === false);
  if (missed.length === 0) return `All ${claims.length} targets met.`;
  const lines = missed.map((finding) => `  MISSED  ${cellsOf(finding).slice(0, 5).join('  ')}`);
  return [`${missed.length} OF ${claims.length} TARGETS MISSED`, ...lines].join('\n');
}

/** @param {Finding} finding */
function cellsOf({ says, ours, peer, unit, reading, peerReading, ratio, more, bound, met }) {
  const library = peer === undefined ? undefined : libraryOf(peer);
  const who = library === undefined || library === libraryOf(ours) ? says : `${says} / ${library}`;
  return [
    who,
    amount(reading, unit),
    peerReading === undefined ? '' : amount(peerReading, unit),
    ratio === undefined ? '' : more === undefined ? factor(ratio, bound) : added(more, unit, ratio),
    bound === undefined ? '' : target(bound, ratio === undefined ? unit : undefined),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

/** @param {number} value @param {string} unit */
const amount = (value, unit) => `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;

/** @param {number} more @param {string} unit @param {number} ratio */
const added = (more, unit, ratio) => `${more < 0 ? '−' : '+'}${amount(Math.abs(more), unit)} (${ratio.toFixed(2)}x)`;

/** @param {number} ratio @param {Finding['bound']} bound */
const factor = (ratio, bound) =>
  bound?.is === 'at least' ? `${(1 / ratio).toFixed(1)}x as fast` : `${ratio.toFixed(2)}x`;

/** @param {import('./claims.mjs').Bound} bound @param {string | undefined} unit */
function target({ is, value }, unit) {
  if (unit !== undefined) return `<= ${value} ${unit}`;
  return is === 'at most' ? `<= ${value}x` : `>= ${value}x as fast`;
}
