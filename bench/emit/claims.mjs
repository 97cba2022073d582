// What the project promises of emitting, and beside whom it is measured.
import { atLeast, atMost, beside } from '../claims.mjs';
import { tables } from './features.mjs';

/** @typedef {import('../claims.mjs').Claim} Claim */

/** What two processes that do the same differ in. */
const NOISE = 1.1;

/** Linear: to remove each of 40,000 costs no more than twice what removing each of 10,000 does. @type {readonly Claim[]} */
const removal = ['oldest', 'newest', 'random'].flatMap((order) => [
  {
    says: `unsubscribe each of 40,000 beside 10,000, ${order} first`,
    ours: `crosstown in unsubscribe-40k-${order}`,
    peer: `crosstown in unsubscribe-10k-${order}`,
    bound: atMost(2),
  },
  {
    says: `unsubscribe each of 10,000, ${order} first`,
    ours: `crosstown in unsubscribe-10k-${order}`,
    peer: `mitt in unsubscribe-10k-${order}`,
  },
]);

/** What each feature adds to an emit. @type {readonly import('../claims.mjs').Group[]} */
const featureGroups = Object.entries(tables).map(([name, { features, unused }]) => {
  const cell = (/** @type {string} */ feature) => `crosstown in ${name}: ${feature}`;
  return {
    name,
    unit: 'ns',
    readings: 25,
    adds: true,
    cells: ['plain', ...Object.keys(features)].map(cell),
    claims: Object.keys(features).map((feature) => ({
      says: feature,
      ours: cell(feature),
      peer: cell('plain'),
      ...(unused ? { bound: atMost(NOISE) } : {}),
    })),
  };
});

/** @type {readonly import('../claims.mjs').Group[]} */
export const emitGroups = [
  beside('one-handler', '1 handler', {
    mitt: atMost(1.9),
    nanoevents: undefined,
    eventemitter3: undefined,
    eventemitter2: undefined,
  }),
  beside(
    'one-handler',
    '1 handler, a clock that returns 0',
    { mitt: atMost(0.85), eventemitter3: atMost(1.3) },
    { name: 'zero-clock', ours: 'crosstown-zero-clock' },
  ),
  beside(
    'one-handler-two-types',
    'the same in a process that emits two types',
    { mitt: undefined, eventemitter3: undefined },
    { ours: 'crosstown-zero-clock' },
  ),
  beside('ten-handlers', '10 handlers', { mitt: atMost(1.4), nanoevents: undefined, eventemitter3: undefined }),
  beside('thousand-types', '1,000 types', { mitt: atMost(1.65), eventemitter3: undefined }),
  beside('no-subscriber', 'nobody subscribed', { mitt: atMost(0.45) }),
  beside('hundred-patterns', '100 patterns of every form', { eventemitter2: atLeast(11) }),
  beside('hundred-easy-patterns', '100 patterns, ** at the end alone', { eventemitter2: undefined }),
  beside('async-one-handler', '1 async handler, awaited', { emittery: atLeast(5) }),
  beside('async-ten-handlers', '10 async handlers, awaited', { emittery: atLeast(3) }),
  beside('reply-topics', 'on, emit, off on a new type each time', { mitt: atMost(0.3) }, { readings: 8 }),
  {
    name: 'reply-residue',
    unit: 'B',
    readings: 3,
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
    readings: 5,
    cells: [...new Set(removal.flatMap(({ ours, peer = ours }) => [ours, peer]))],
    claims: removal,
  },
  {
    name: 'memory',
    unit: 'B',
    readings: 2,
    cells: ['crosstown in memory', 'crosstown in memory-with-handles', 'mitt in memory'],
    claims: [
      { says: 'kept for each of 100,000 subscriptions', ours: 'crosstown in memory', bound: atMost(110) },
      { says: 'kept for each of 100,000 subscriptions', ours: 'crosstown in memory', peer: 'mitt in memory' },
      {
        says: 'the same when its handle is kept too',
        ours: 'crosstown in memory-with-handles',
        peer: 'mitt in memory',
      },
    ],
  },
  beside(
    'round-trip',
    'a question and its answer',
    { eventemitter2: undefined, mitt: undefined },
    { name: 'features-request' },
  ),
  beside(
    'waiting',
    'wait for the next event',
    { eventemitter2: undefined, emittery: undefined, node: undefined },
    { name: 'features-wait' },
  ),
  beside(
    'streaming',
    'events one after the other',
    { emittery: undefined, node: undefined },
    { name: 'features-stream' },
  ),
  ...featureGroups,
];
