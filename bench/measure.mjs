import { libraryOf, scenarioOf } from './claims.mjs';
import { medianOfRounds, pairedDifference, pairedRatio } from './statistics.mjs';

/** @typedef {import('./claims.mjs').Group} Group */
/** @typedef {{ readonly scenario: string, readonly library: string }} Cell */
/** @typedef {(cells: readonly Cell[], readings: number) => Promise<readonly (readonly number[])[]>} MeasureRound */

/**
 * A claim and what was found.
 * @typedef {object} Finding
 * @property {string} group
 * @property {string} says
 * @property {string} ours
 * @property {string | undefined} peer
 * @property {string} unit
 * @property {number} reading
 * @property {number | undefined} peerReading
 * @property {number | undefined} ratio ours / theirs
 * @property {number | undefined} more ours - theirs, where that is what is told
 * @property {import('./claims.mjs').Bound | undefined} bound
 * @property {boolean | undefined} met
 */

/**
 * @param {Group} group
 * @param {number} rounds
 * @param {MeasureRound} measureRound
 * @returns {Promise<readonly Finding[]>}
 */
export async function measureGroup(group, rounds, measureRound) {
  const cells = group.cells.map((cell) => ({ library: libraryOf(cell), scenario: scenarioOf(cell) }));
  /** @type {(readonly (readonly number[])[])[]} */
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    // Where many wait for one another, the first few to be started read up to a sixth more for as long as they live.
    const first = Math.floor((round * cells.length) / rounds);
    const taken = await measureRound([...cells.slice(first), ...cells.slice(0, first)], group.readings);
    measured.push(cells.map((_, index) => taken[(index - first + cells.length) % cells.length] ?? []));
  }
  const roundsOf = (/** @type {string} */ cell) => measured.map((round) => round[group.cells.indexOf(cell)] ?? []);
  return group.claims.map(({ says, ours, peer, bound }) => {
    const reading = medianOfRounds(roundsOf(ours));
    const ratio = peer === undefined ? undefined : pairedRatio(roundsOf(ours), roundsOf(peer));
    return {
      group: group.name,
      says,
      ours,
      peer,
      unit: group.unit,
      reading,
      peerReading: peer === undefined ? undefined : medianOfRounds(roundsOf(peer)),
      ratio,
      more: group.adds && peer !== undefined ? pairedDifference(roundsOf(ours), roundsOf(peer)) : undefined,
      bound,
      met: bound === undefined ? undefined : isMet(bound, ratio ?? reading),
    };
  });
}

/** @param {import('./claims.mjs').Bound} bound @param {number} measured */
function isMet({ is, value }, measured) {
  return is === 'at most' ? measured <= value : 1 / measured >= value;
}
