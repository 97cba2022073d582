// How a promise of speed is written down. The promises themselves are in emit/claims.mjs and browser/claims.mjs.

/**
 * @typedef {object} Bound
 * @property {'at most' | 'at least'} is `at most` is of ours / theirs, `at least` of theirs / ours
 * @property {number} value
 */

/**
 * One line of the table. Without a peer the bound is on the reading itself; without a bound it is told for the record.
 * @typedef {object} Claim
 * @property {string} says
 * @property {string} ours a cell
 * @property {string} [peer] a cell
 * @property {Bound} [bound]
 */

/**
 * What is measured together, round by round.
 * @typedef {object} Group
 * @property {string} name what `--only` selects
 * @property {string} unit of a reading
 * @property {number} readings of each cell in a round: many where one is short
 * @property {readonly string[]} cells `library in scenario`
 * @property {boolean} [adds] what is told is how much more ours takes than its peer, and not how it compares
 * @property {readonly Claim[]} claims
 */

/** @param {number} value @returns {Bound} */
export const atMost = (value) => ({ is: 'at most', value });
/** @param {number} value @returns {Bound} */
export const atLeast = (value) => ({ is: 'at least', value });

/** @param {string} cell */
export const libraryOf = (cell) => cell.split(' in ')[0] ?? '';
/** @param {string} cell */
export const scenarioOf = (cell) => cell.slice(libraryOf(cell).length + ' in '.length);

/**
 * A group of one scenario, with a claim for each peer.
 * @param {string} scenario
 * @param {string} says
 * @param {Readonly<Record<string, Bound | undefined>>} peers
 * @param {{ ours?: string, name?: string, unit?: string, readings?: number }} [options]
 * @returns {Group}
 */
export function beside(scenario, says, peers, options = {}) {
  const { ours = 'crosstown', name = scenario, unit = 'ns', readings = 25 } = options;
  const cell = (/** @type {string} */ library) => `${library} in ${scenario}`;
  return {
    name,
    unit,
    readings,
    cells: [ours, ...Object.keys(peers)].map(cell),
    claims: Object.entries(peers).map(([peer, bound]) => ({
      says,
      ours: cell(ours),
      peer: cell(peer),
      ...(bound === undefined ? {} : { bound }),
    })),
  };
}
