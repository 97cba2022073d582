import { disorder, Ledger } from '../ledger.mjs';
import { until } from '../until.mjs';

/** @typedef {import('../tab.mjs').Tab} Tab */
/** @typedef {{ source: string, tab: Tab, quota: number, isFrozen: boolean }} Worker */

const TABS = 3;

/**
 * Three tabs emit and handle at once, while tabs crash and freeze.
 * @param {import('../run.mjs').Scene} scene
 * @param {{ name: string, events: number, acts: readonly ('crash' | 'freeze')[] }} how
 */
export async function crashAndFreeze(scene, { name, events, acts }) {
  const { browser, url, random } = scene;
  const ledger = new Ledger();
  /** @type {Worker[]} */
  const workers = [];
  let born = 0;

  /** @param {number} quota */
  async function hire(quota) {
    const source = `tab-${++born}`;
    const tab = await browser.open(url);
    ledger.listen(tab);
    await tab.run((options) => chaos.start(options), { name, source });
    const worker = { source, tab, quota, isFrozen: false };
    workers.push(worker);
    return worker;
  }

  /** @param {Worker} worker */
  function work({ tab, source, quota }) {
    tab.run((...given) => void chaos.emit(...given), source, quota).catch(() => {});
  }

  const share = Math.floor(events / TABS);
  for (let n = 0; n < TABS; n++) await hire(n === 0 ? events - share * (TABS - 1) : share);
  for (const worker of workers) work(worker);

  /** @type {string[]} */
  const happened = [];
  /** Tabs that were replaced while they were frozen. @type {{ source: string, epoch: number, after: number, from: number }[]} */
  const thawed = [];
  for (const [index, act] of acts.entries()) {
    // Somewhere in its part of the run; what is emitted while nobody handles waits.
    const at = Math.floor((events * (index + 0.2 + 0.6 * random())) / (acts.length + 1));
    await until(`${at} events are handled`, () => ledger.times.size >= at, 60_000);
    const wantsLeader = random() < 0.75;
    const victim = workers.find(({ source }) => (source === ledger.onDuty) === wantsLeader) ?? workers[0];
    if (victim === undefined) throw new Error('Nobody is left.');
    const wasOnDuty = victim.source === ledger.onDuty;
    happened.push(`${act} of ${victim.source}${wasOnDuty ? ', on duty,' : ''} after ${ledger.times.size} events`);
    if (act === 'crash') {
      await victim.tab.crash();
      workers.splice(workers.indexOf(victim), 1);
      // Its user opens it anew.
      work(await hire(victim.quota - ledger.keptOf(victim.source)));
      continue;
    }
    const front = workers.find((worker) => worker !== victim);
    await front?.tab.show();
    const epoch = ledger.duties.at(-1)?.epoch ?? 0;
    const duties = ledger.duties.length;
    await victim.tab.freeze();
    if (wasOnDuty) await until('another tab is on duty', () => ledger.duties.length > duties);
    const more = ledger.times.size + 200 + Math.floor(800 * random());
    await until(
      'others have gone on for a while, or are through',
      () => ledger.times.size >= more || workers.every((worker) => worker === victim || isThrough(worker)),
    );
    if (wasOnDuty) {
      const { after = 0 } = ledger.duties[duties] ?? {};
      thawed.push({ source: victim.source, epoch, after, from: ledger.moves.length });
    }
    await victim.tab.thaw();
  }

  /** @param {Worker} worker */
  function isThrough({ source, quota }) {
    return quota === 0 || ledger.emitted.has(source);
  }
  await until('all events are emitted', () => workers.every(isThrough), 60_000);
  await until('all that was acknowledged is handled', () => !ledger.hasLost, 60_000).catch(() => {});
  for (const { tab } of workers) await tab.run(() => chaos.bus.idle({ timeoutMs: 30_000 }));
  const log = await workers[0]?.tab.run(() => chaos.log());
  const stored = (log ?? []).map(([source, n]) => ({ source, n }));

  const kept = [...ledger.kept.values()].reduce((sum, numbers) => sum + numbers.size, 0);
  const inLog = new Set(stored.map(({ source, n }) => `${source} ${n}`));
  const unstored = [...ledger.kept].flatMap(([source, all]) => [...all].filter((n) => !inLog.has(`${source} ${n}`)));
  const unhandled = stored.filter(({ source, n }) => !ledger.times.has(`${source} ${n}`));
  // What it hears of when it thaws may have been committed before.
  const stale = thawed.flatMap(({ source, epoch, after, from }) =>
    ledger.moves.slice(from).filter((move) => move.by === source && move.epoch <= epoch && move.offset > after),
  );
  const epochs = ledger.duties.map(({ epoch }) => epoch);
  const most = ledger.mostDuplicates();
  for (const line of happened) scene.note(line);
  scene.note(
    `${kept} acknowledged, ${stored.length} stored, ${ledger.times.size} handled, ` +
      `${ledger.duplicates} of them again, in ${ledger.takeovers} takeovers`,
  );
  scene.check('S2 every event that was acknowledged is stored', unstored);
  scene.check('S7 every event that is stored is handled', [...ledger.lost, ...unhandled]);
  scene.check('S7 the events of each source are stored in order', disorder(stored));
  scene.check('S7 the events of each source are handled in order', disorder(ledger.handled));
  scene.check(`S6 at most ${most} events are handled again`, ledger.duplicates > most ? [ledger.duplicates] : []);
  scene.check(
    'S7 each takeover begins an epoch',
    epochs.filter((epoch, index) => index > 0 && epoch <= (epochs[index - 1] ?? 0)),
  );
  scene.check('S7 a tab that was replaced while it was frozen moves nothing when it thaws', stale);
  scene.check('no page complains', [...ledger.failures, ...workers.flatMap(({ tab }) => tab.complaints)]);
  const row = [kept, ledger.lost.length, ledger.takeovers, ledger.duplicates, most];
  scene.figures.takeovers.push([scene.name, ...row.map(String)]);
  for (const { tab } of workers) await tab.close();
}
