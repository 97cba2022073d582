import { Ledger } from '../ledger.mjs';
import { until } from '../until.mjs';

/** @typedef {import('../tab.mjs').Tab} Tab */

/** So long that it plays no part. */
const LEASE_MS = 120_000;
/** No test of speed: whoever takes over later than that has not noticed. */
const LONGEST_MS = 20_000;

/**
 * What happens to the page on duty; `left` when the moment that counts is when the page hears of it: until then it waits
 * for the next one like any page whose link was followed.
 * @type {Readonly<Record<string, { act: (tab: Tab) => Promise<unknown>, left?: boolean }>>}
 */
const acts = {
  'its tab is closed': { act: (tab) => tab.close() },
  'its process crashes': { act: (tab) => tab.crash() },
  'it is left, and cached': { act: (tab) => tab.run(() => location.assign('/elsewhere')), left: true },
  'it is replaced, and not cached': { act: (tab) => tab.run(() => location.replace('/elsewhere')), left: true },
  'it is frozen': { act: (tab) => tab.send('Page.setWebLifecycleState', { state: 'frozen' }) },
};

/**
 * How long it takes from what happens to the page on duty until another one handles an event that is emitted right then.
 * @param {import('../run.mjs').Scene} scene
 * @param {{ name: string, trials: number }} how
 */
export async function failover({ browser, url, check, note, figures }, { name, trials }) {
  const ledger = new Ledger();
  /** @type {Map<string, Tab>} */
  const tabs = new Map();
  let born = 0;
  while (tabs.size < 3) await hire();

  async function hire() {
    const source = `tab-${++born}`;
    const tab = await browser.open(url);
    ledger.listen(tab);
    await tab.run((given) => chaos.start(given), { name, source, leaseMs: LEASE_MS });
    tabs.set(source, tab);
    await until('somebody is on duty', () => tabs.has(ledger.onDuty ?? ''));
  }

  /** The one on duty, and another one that is in front: what is in front cannot be frozen, and most tabs are hidden. */
  async function cast() {
    const victim = ledger.onDuty ?? '';
    const tab = /** @type {Tab} */ (tabs.get(victim));
    const survivor = /** @type {Tab} */ ([...tabs.values()].findLast((each) => each !== tab));
    await survivor.show();
    for (const each of tabs.values()) await each.run(() => chaos.bus.idle({ timeoutMs: 10_000 }));
    return { victim, tab, survivor };
  }

  /** Who handles an event that is emitted now. @param {Tab} survivor @param {string} probe */
  async function handlerOf(survivor, probe) {
    const before = ledger.handled.length;
    const handling = () => ledger.handled.slice(before).find(({ source }) => source === probe);
    survivor.run((...given) => chaos.emit(...given), probe, 1).catch(() => {});
    await until('another tab handles it', handling, LONGEST_MS);
    return handling()?.by;
  }

  /** @param {string} probe @param {(tab: Tab) => Promise<unknown>} act @param {boolean} isLeft */
  async function measure(probe, act, isLeft) {
    const { victim, tab, survivor } = await cast();
    const frozen = await tab.run(() => chaos.frozen);
    const began = performance.now();
    const done = act(tab);
    if (isLeft) await until('the page is left', () => ledger.left.has(victim));
    const start = ledger.left.get(victim) ?? began;
    // It may handle another event before it is gone: then the next one counts.
    for (let n = 0; (await handlerOf(survivor, `${probe}.${n}`)) === victim; n++);
    const tookMs = performance.now() - start;
    await done;
    if (probe.includes('frozen')) {
      await until('the page hears that it is frozen', async () => (await tab.run(() => chaos.frozen)) > frozen);
    }
    tabs.delete(victim);
    if (!tab.isGone) await tab.close();
    await hire();
    return tookMs;
  }

  /** @param {string} what @param {(trial: number) => Promise<number>} trial */
  async function row(what, trial) {
    /** @type {number[]} */
    const times = [];
    while (times.length < trials) times.push(await trial(times.length));
    times.sort((a, b) => a - b);
    const [p50 = 0, p95 = 0, max = 0] = [0.5, 0.95, 1].map((share) => times[Math.ceil(share * trials) - 1]);
    const shown = [p50, p95, max].map((ms) => ms.toFixed(0));
    note(`${what}: p50 ${shown[0]} ms, p95 ${shown[1]} ms, at most ${shown[2]} ms, in ${trials}`);
    figures.failover.push([what, String(trials), ...shown]);
    check(
      `S7 another page goes on when ${what}`,
      times.filter((ms) => ms > LONGEST_MS),
    );
  }

  const { survivor } = await cast();
  await row('nothing happens (for comparison)', async (trial) => {
    const start = performance.now();
    await handlerOf(survivor, `control ${trial}`);
    return performance.now() - start;
  });
  for (const [what, { act, left = false }] of Object.entries(acts)) {
    await row(what, (trial) => measure(`${what}, ${trial}`, act, left));
  }
  check('S7 and nothing is lost', ledger.lost);
  check('no page complains', [...ledger.failures, ...[...tabs.values()].flatMap(({ complaints }) => complaints)]);
  for (const tab of tabs.values()) await tab.close();
}
