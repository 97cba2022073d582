import { disorder, Ledger } from '../ledger.mjs';
import { until } from '../until.mjs';

const CONCURRENCY = 50;

/**
 * Every process of the browser is killed while three tabs emit and handle; then it starts again on the same profile.
 * What was handled is kept on disk before a handler returns: what a tab tells on its last breath may not arrive.
 * @param {import('../run.mjs').Scene} scene
 * @param {{ name: string, events: number }} how
 */
export async function kill({ browser, url, note, check, random, killAndRestart, figures, name: title }, how) {
  const { name, events } = how;
  const before = new Ledger();
  const options = { name, evidence: /** @type {const} */ ('kept'), concurrency: CONCURRENCY };
  for (const source of ['tab-1', 'tab-2', 'tab-3']) {
    const tab = await browser.open(url);
    before.listen(tab);
    await tab.run((given) => chaos.start(given), { ...options, source });
    tab.run((...given) => void chaos.emit(...given), source, events).catch(() => {});
  }
  // They have more to emit than is handled by then, and are in the midst of it.
  const at = Math.floor(events * (0.2 + 0.5 * random()));
  await until(`${at} events are handled`, () => before.times.size >= at, 60_000);
  const restarted = await killAndRestart();

  const after = new Ledger();
  /** @type {import('../tab.mjs').Tab[]} */
  const tabs = [];
  while (tabs.length < 2) {
    const tab = await restarted.open(url);
    after.listen(tab);
    tabs.push(tab);
  }
  const [tab, other] = /** @type {[import('../tab.mjs').Tab, import('../tab.mjs').Tab]} */ (tabs);
  const earlier = await tab.run((named) => chaos.evidence(named), name);
  await tab.run((given) => chaos.start(given), { ...options, source: 'again-1' });
  await other.run((given) => chaos.start(given), { ...options, source: 'again-2' });
  await until('somebody is on duty', () => after.duties.length > 0);
  await until('there is nothing left to do', async () => {
    const standing = await Promise.all(tabs.map((each) => each.run(() => chaos.isDone())));
    return standing.some(Boolean);
  });

  const stored = (await tab.run(() => chaos.log())).map(([source, n]) => ({ source, n }));
  const handled = (await tab.run((named) => chaos.evidence(named), name)).map(([source, n]) => ({ source, n }));
  const names = (/** @type {readonly { source: string, n: number }[]} */ list) =>
    new Set(list.map(({ source, n }) => `${source} ${n}`));
  const [inLog, inEvidence] = [names(stored), names(handled)];
  const kept = [...before.kept].flatMap(([source, numbers]) => [...numbers].map((n) => `${source} ${n}`));
  const duplicates = handled.length - inEvidence.size;
  const most = 100 + CONCURRENCY;
  note(`killed after ${before.times.size} events; ${kept.length} were acknowledged, ${stored.length} stored`);
  note(`${earlier.length} had been handled; ${duplicates} of them were again`);
  check(
    'S2 every event that was acknowledged is stored',
    kept.filter((event) => !inLog.has(event)),
  );
  check(
    'S7 every event that is stored is handled after the restart, at the latest',
    [...inLog].filter((event) => !inEvidence.has(event)),
  );
  check('S7 the events of each source are handled in order', disorder(handled));
  check(`S6 at most ${most} events are handled again`, duplicates > most ? [duplicates] : []);
  check('S7 the events after the restart are in an epoch of their own', wrongEpochs(before, after));
  check('no page complains', [...before.failures, ...after.failures, ...tabs.flatMap(({ complaints }) => complaints)]);
  const lost = kept.filter((event) => !inEvidence.has(event)).length;
  figures.takeovers.push([title, ...[kept.length, lost, 1, duplicates, most].map(String)]);
  for (const each of tabs) await each.close();
}

/** @param {Ledger} before @param {Ledger} after */
function wrongEpochs(before, after) {
  const epochs = [...before.duties, ...after.duties].map(({ epoch }) => epoch);
  return epochs.filter((epoch, index) => index > 0 && epoch <= (epochs[index - 1] ?? 0));
}
