import { disorder, Ledger } from '../ledger.mjs';
import { until } from '../until.mjs';

/** @typedef {import('../run.mjs').Scene} Scene */

/**
 * Many tabs want the same duty in the same moment.
 * @param {Scene} scene
 */
export async function claimAtOnce({ browser, url, check }) {
  const ledger = new Ledger();
  const tabs = await Promise.all(Array.from({ length: 4 }, () => browser.open(url)));
  const name = 'at once';
  for (const tab of tabs) ledger.listen(tab);
  await tabs[0]?.run((given) => chaos.open(given), { name, source: 'writer' });
  await tabs[0]?.run((...given) => chaos.emit(...given), 'job', 500);
  await tabs[0]?.run(() => chaos.bus.close());
  const options = (/** @type {number} */ index) => ({ name, source: `tab-${index}` });
  await Promise.all(tabs.map((tab, index) => tab.run((given) => chaos.start(given), options(index))));
  await until('all is handled', () => !ledger.hasLost).catch(() => {});
  const onDuty = await Promise.all(tabs.map((tab) => tab.run(() => chaos.bus.stats().durable[0]?.onDuty)));
  check('S7 one of four tabs that begin at once is on duty', onDuty.filter(Boolean).length === 1 ? [] : onDuty);
  check('S7 it handles every event, and none twice', [...ledger.lost, ...doubles(ledger)]);
  check('S7 in the first epoch', ledger.duties.length === 1 && ledger.duties[0]?.epoch === 1 ? [] : ledger.duties);
  await finish(tabs, ledger, check);
}

/**
 * Each tab in turn leaves the group inside its handler.
 * @param {Scene} scene
 */
export async function leaveInHandler({ browser, url, check, note }) {
  const ledger = new Ledger();
  const tabs = [];
  for (let index = 0; index < 4; index++) {
    const tab = await browser.open(url);
    ledger.listen(tab);
    tabs.push(tab);
    await tab.run((given) => chaos.start(given), { name: 'leaving', source: `tab-${index}` });
    if (index < 3) await tab.run((calls) => chaos.quitAfter(calls), 97 + 50 * index);
  }
  await tabs[3]?.run((...given) => chaos.emit(...given), 'job', 2000);
  await until('all is handled', () => !ledger.hasLost).catch(() => {});
  note(`${ledger.takeovers} takeovers, ${ledger.duplicates} events handled again`);
  check('S7 when a handler unsubscribes, another tab goes on behind the event it had', [
    ...ledger.lost,
    ...doubles(ledger),
    ...disorder(ledger.handled),
    ...(ledger.takeovers === 3 ? [] : ledger.duties),
  ]);
  await finish(tabs, ledger, check);
}

/**
 * One tab emits much more than is handled meanwhile, and another handles it.
 * @param {Scene} scene
 * @param {{ events: number }} how
 */
export async function flood({ browser, url, check, note }, { events }) {
  const ledger = new Ledger();
  const [worker, emitter] = [await browser.open(url), await browser.open(url)];
  for (const tab of [worker, emitter]) ledger.listen(tab);
  await worker.run((given) => chaos.start(given), { name: 'flood', source: 'worker', concurrency: 4 });
  await emitter.run((given) => chaos.open(given), { name: 'flood', source: 'emitter' });
  const start = performance.now();
  await emitter.run((...given) => chaos.emit(...given), 'job', events, events);
  const emittedMs = performance.now() - start;
  await until('all is handled', () => ledger.times.size >= events, 120_000).catch(() => {});
  note(
    `${events} events in one go: stored after ${seconds(emittedMs)}, handled after ${seconds(performance.now() - start)}`,
  );
  check('S6 every one is handled, in order and once', [
    ...ledger.lost,
    ...doubles(ledger),
    ...disorder(ledger.handled),
    ...(ledger.keptOf('job') === events ? [] : [`${ledger.keptOf('job')} were acknowledged`]),
  ]);
  await finish([worker, emitter], ledger, check);
}

/**
 * A tab dies while it writes.
 * @param {Scene} scene
 */
export async function dieWriting({ browser, url, check, note, random }) {
  const ledger = new Ledger();
  const reader = await browser.open(url);
  ledger.listen(reader);
  await reader.run((given) => chaos.start(given), { name: 'dying', source: 'reader' });
  for (let trial = 0; trial < 3; trial++) {
    const writer = await browser.open(url);
    ledger.listen(writer);
    await writer.run((given) => chaos.open(given), { name: 'dying', source: `writer-${trial}` });
    writer.run((...given) => void chaos.emit(...given), `job-${trial}`, 100_000, 500).catch(() => {});
    const enough = 500 + Math.floor(1500 * random());
    await until('it has written some', () => ledger.keptOf(`job-${trial}`) > enough);
    await writer.crash();
  }
  await until('all is handled', () => !ledger.hasLost).catch(() => {});
  await reader.run(() => chaos.bus.idle({ timeoutMs: 30_000 }));
  const log = (await reader.run(() => chaos.log())).map(([source, n]) => ({ source, n }));
  const holes = [];
  /** @type {Map<string, number>} */
  const next = new Map();
  for (const { source, n } of log) {
    if (n !== (next.get(source) ?? 0)) holes.push({ source, n });
    next.set(source, n + 1);
  }
  const kept = [...ledger.kept].map(([source, { size }]) => `${size} of ${next.get(source)}`);
  note(`acknowledged, of those stored: ${kept.join(', ')}`);
  check('S2 of what a tab that died was writing, nothing acknowledged is missing, and nothing in between', [
    ...holes,
    ...[...ledger.kept].filter(([source, { size }]) => (next.get(source) ?? 0) < size).map(([source]) => source),
  ]);
  check('S6 what is stored is handled, in order and once', [
    ...log.filter(({ source, n }) => ledger.times.get(`${source} ${n}`) !== 1),
    ...disorder(ledger.handled),
  ]);
  await finish([reader], ledger, check);
}

/** @param {readonly import('../tab.mjs').Tab[]} tabs @param {Ledger} ledger @param {Scene['check']} check */
async function finish(tabs, ledger, check) {
  check('no page complains', [...ledger.failures, ...tabs.flatMap(({ complaints }) => complaints)]);
  for (const tab of tabs) await tab.close();
}

/** @param {Ledger} ledger */
function doubles({ times }) {
  return [...times].filter(([, count]) => count > 1).map(([event, count]) => `${event} was handled ${count} times`);
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
