import { claimAtOnce, dieWriting, flood, leaveInHandler } from './scenarios/attacks.mjs';
import { crashAndFreeze } from './scenarios/crash-and-freeze.mjs';
import { failover } from './scenarios/failover.mjs';
import { kill } from './scenarios/kill.mjs';
import { lease } from './scenarios/lease.mjs';
import { lifecycle } from './scenarios/lifecycle.mjs';

/** @typedef {import('./run.mjs').Scene} Scene */
/** @typedef {Record<string, (scene: Scene) => Promise<void>>} Scenes what is played, by name */

/** @type {Scenes} */
const short = {
  'tabs crash and freeze': (scene) =>
    crashAndFreeze(scene, { name: 'chaos', events: 20_000, acts: ['crash', 'freeze'] }),
  'a tab keeps its lock while it is frozen': (scene) => lease(scene, { name: 'lease', events: 1000 }),
  'a page comes back': (scene) => lifecycle(scene, { name: 'life', events: 300 }),
  failover: (scene) => failover(scene, { name: 'failover', trials: 1 }),
  'tabs claim at once': claimAtOnce,
  'a handler unsubscribes': leaveInHandler,
  'a tab dies writing': dieWriting,
  'a flood': (scene) => flood(scene, { events: 10_000 }),
  // It comes last: it takes all other tabs with it.
  'the browser is killed': (scene) => kill(scene, { name: 'kill', events: 2000 }),
};

/** @type {Scenes} */
const long = {
  ...short,
  'many tabs crash and freeze': (scene) =>
    crashAndFreeze(scene, {
      ...{ name: 'more chaos', events: 60_000 },
      acts: ['freeze', 'crash', 'crash', 'freeze', 'crash', 'freeze', 'crash', 'crash'],
    }),
  failover: (scene) => failover(scene, { name: 'failover', trials: 20 }),
  'a flood': (scene) => flood(scene, { events: 100_000 }),
  'the browser is killed': (scene) => kill(scene, { name: 'kill', events: 20_000 }),
  'the browser is killed again': (scene) => kill(scene, { name: 'kill again', events: 20_000 }),
};

/** @param {boolean} isLong @returns {Scenes} */
export function scenes(isLong) {
  return isLong ? long : short;
}
