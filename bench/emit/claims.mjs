// What the project promises of emitting, and beside whom it is measured. A group is measured together, round by round.

/**
 * @typedef {object} Bound
 * @property {'at most' | 'at least'} is
 * @property {number} value
 */

/**
 * One line of the table. Without a peer the bound is about the reading itself; `at most` is of ours / theirs,
 * `at least` of theirs / ours; without a bound it is told for the record.
 * @typedef {object} Claim
 * @property {string} says
 * @property {string} ours a cell
 * @property {string} [peer] a cell
 * @property {Bound} [bound]
 */

/**
 * @typedef {object} Group
 * @property {string} name what `--only` selects
 * @property {string} unit of a reading
 * @property {readonly string[]} cells `library in scenario`
 * @property {readonly Claim[]} claims
 */

/** @param {number} value @returns {Bound} */
const atMost = (value) => ({ is: 'at most', value });
/** @param {number} value @returns {Bound} */
const atLeast = (value) => ({ is: 'at least', value });

/**
 * A group of one scenario, with a claim for each peer.
 * @param {string} scenario
 * @param {string} says
 * @param {Readonly<Record<string, Bound | undefined>>} peers
 * @param {{ ours?: string, unit?: string }} [options]
 * @returns {Group}
 */
function beside(scenario, says, peers, { ours = 'crosstown', unit = 'ns' } = {}) {
  const cell = (/** @type {string} */ library) => `${library} in ${scenario}`;
  return {
    name: scenario,
    unit,
    cells: [ours, ...Object.keys(peers)].map(cell),
    claims: Object.entries(peers).map(([peer, bound]) => ({
      says,
      ours: cell(ours),
      peer: cell(peer),
      ...(bound === undefined ? {} : { bound }),
    })),
  };
}

/** Removing each of 40,000 costs no more than twice what removing each of 10,000 does. @type {readonly Claim[]} */
const linearRemoval = ['oldest', 'newest', 'random'].flatMap((order) => [
  {
    says: `unsubscribe, 40,000 beside 10,000, ${order} first`,
    ours: `crosstown in unsubscribe-40k-${order}`,
    peer: `crosstown in unsubscribe-10k-${order}`,
    bound: atMost(2),
  },
  {
    says: `unsubscribe 10,000 of one type, ${order} first`,
    ours: `crosstown in unsubscribe-10k-${order}`,
    peer: `mitt in unsubscribe-10k-${order}`,
  },
]);

/** @type {readonly Group[]} */
export const emitGroups = [
  beside('one-handler', '1 handler', {
    mitt: atMost(1.9),
    nanoevents: undefined,
    eventemitter3: undefined,
    eventemitter2: undefined,
  }),
  {
    ...beside(
      'one-handler',
      '1 handler, clock returns 0',
      { mitt: atMost(0.85), eventemitter3: atMost(1.3) },
      { ours: 'crosstown-zero-clock' },
    ),
    name: 'zero-clock',
  },
  beside('ten-handlers', '10 handlers', { mitt: atMost(1.4), nanoevents: undefined, eventemitter3: undefined }),
  beside('thousand-types', '1,000 types', { mitt: atMost(1.65), eventemitter3: undefined }),
  beside('no-subscriber', 'nobody subscribed', { mitt: atMost(0.45) }),
  beside('hundred-patterns', '100 patterns, 1,000 types', { eventemitter2: atLeast(11) }),
  beside('async-one-handler', '1 async handler, awaited', { emittery: atLeast(5) }),
  beside('async-ten-handlers', '10 async handlers, awaited', { emittery: atLeast(3) }),
  beside('reply-topics', 'on, emit, off on a new type each time', { mitt: atMost(0.3) }),
  {
    name: 'reply-residue',
    unit: 'B',
    cells: ['crosstown in reply-residue', 'mitt in reply-residue'],
    claims: [
      { says: 'left behind by each such type', ours: 'crosstown in reply-residue', bound: atMost(1) },
      { says: 'left behind by each such type', ours: 'crosstown in reply-residue', peer: 'mitt in reply-residue' },
    ],
  },
  beside('subscribe-10k', 'subscribe 10,000 to one type', { mitt: atMost(3) }),
  {
    name: 'unsubscribe',
    unit: 'ns',
    cells: [...new Set(linearRemoval.flatMap(({ ours, peer = ours }) => [ours, peer]))],
    claims: linearRemoval,
  },
  {
    name: 'memory',
    unit: 'B',
    cells: ['crosstown in memory', 'crosstown in memory-with-handles', 'mitt in memory'],
    claims: [
      { says: 'kept for each of 100,000 subscriptions', ours: 'crosstown in memory', bound: atMost(110) },
      { says: 'kept for each of 100,000 subscriptions', ours: 'crosstown in memory', peer: 'mitt in memory' },
      { says: 'the same, its handle kept too', ours: 'crosstown in memory-with-handles', peer: 'mitt in memory' },
    ],
  },
];
