import { measureRound } from './emit/cells.mjs';
import { medianOfRounds, pairedRatio } from './statistics.mjs';

/** @typedef {import('./emit/claims.mjs').Group} Group */
/** @typedef {import('./emit/claims.mjs').Claim} Claim */

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
 * @property {import('./emit/claims.mjs').Bound | undefined} bound
 * @property {boolean | undefined} met
 */

/**
 * @param {Group} group
 * @param {{ rounds: number, readings: number }} effort
 * @param {(cells: readonly import('./emit/cells.mjs').Cell[], readings: number) => Promise<readonly (readonly number[])[]>} measure
 * @returns {Promise<readonly Finding[]>}
 */
export async function measureGroup(group, { rounds, readings }, measure = measureRound) {
  const cells = group.cells.map((cell) => {
    const [library = '', scenario = ''] = cell.split(' in ');
    return { library, scenario };
  });
  /** @type {Map<string, (readonly number[])[]>} */
  const taken = new Map(group.cells.map((cell) => [cell, []]));
  for (let round = 0; round < rounds; round++) {
    const readingsOfCells = await measure(cells, readings);
    group.cells.forEach((cell, index) => {
      taken.get(cell)?.push(/** @type {readonly number[]} */ (readingsOfCells[index]));
    });
  }
  return group.claims.map((claim) => findingOf(group, claim, taken));
}

/** @param {Group} group @param {Claim} claim @param {Map<string, (readonly number[])[]>} taken @returns {Finding} */
function findingOf(group, claim, taken) {
  const ours = taken.get(claim.ours) ?? [];
  const peer = claim.peer === undefined ? undefined : (taken.get(claim.peer) ?? []);
  const reading = medianOfRounds(ours);
  const ratio = peer === undefined ? undefined : pairedRatio(ours, peer);
  return {
    group: group.name,
    says: claim.says,
    ours: claim.ours,
    peer: claim.peer,
    unit: group.unit,
    reading,
    peerReading: peer === undefined ? undefined : medianOfRounds(peer),
    ratio,
    bound: claim.bound,
    met: claim.bound === undefined ? undefined : isMet(claim.bound, ratio ?? reading),
  };
}

/** @param {import('./emit/claims.mjs').Bound} bound @param {number} measured */
function isMet({ is, value }, measured) {
  return is === 'at most' ? measured <= value : 1 / measured >= value;
}
