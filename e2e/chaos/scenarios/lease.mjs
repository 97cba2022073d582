import { disorder, Ledger } from '../ledger.mjs';
import { until } from '../until.mjs';

/** @typedef {import('../tab.mjs').Tab} Tab */

/** Calls that are under way when the page freezes. */
const CONCURRENCY = 10;

/**
 * The tab on duty freezes, and no `freeze` event reaches the store: the platform leaves it its lock, and only the lease
 * tells the others. It is frozen while its handlers wait for something, and not while it has a transaction under way:
 * then nobody could write to the database, with whatever lease.
 * @param {import('../run.mjs').Scene} scene
 * @param {{ name: string, events: number }} how
 */
export async function lease({ browser, url, note, check, figures, name: title }, { name, events }) {
  const ledger = new Ledger();
  /** @type {Tab[]} */
  const tabs = [];
  for (const source of ['old', 'new', 'newer']) {
    const tab = await browser.open(url);
    ledger.listen(tab);
    // The one that will be frozen gives signs of life so rarely that it is not writing one just then.
    const leaseMs = source === 'old' ? 120_000 : 1000;
    const options = { name, source, leaseMs, concurrency: CONCURRENCY, deaf: source === 'old' };
    await tab.run((given) => chaos.start(given), options);
    tabs.push(tab);
    await until('the first tab is on duty', () => ledger.onDuty === 'old');
  }
  const [old, heir] = /** @type {[Tab, Tab]} */ (tabs);

  /** It looks at the log once a second, and when it was frozen in that very moment it has to be frozen again. */
  async function freezeUntilReplaced() {
    for (let attempt = 0; attempt < 5; attempt++) {
      await old.freeze();
      const since = performance.now();
      if (attempt === 0) heir.run((...given) => chaos.emit(...given), 'during', events).catch(() => {});
      await until('another tab takes the lock by force', () => ledger.duties.length > 1, 12_000).catch(() => {});
      if (ledger.duties.length > 1) return Math.round(performance.now() - since);
      await old.thaw();
    }
    throw new Error('No other tab has taken the lock by force.');
  }

  // The others write, so that the one that will be frozen has no log to look after.
  await heir.run((...given) => chaos.emit(...given), 'before', 200);
  await until('all is handled', () => ledger.times.size === 200);
  const last = ledger.handled.at(-1)?.offset ?? 0;
  await until('and committed', () => ledger.moves.some(({ offset }) => offset >= last));
  await old.run(() => chaos.hold());
  await heir.run((...given) => chaos.emit(...given), 'held', 3 * CONCURRENCY);
  await until('its handlers are busy', () => ledger.times.size === 200 + CONCURRENCY);
  const moved = ledger.moves.length;
  const tookMs = await freezeUntilReplaced();
  await until('all is handled', () => ledger.emitted.has('during') && !ledger.hasLost, 60_000);

  await old.thaw();
  await old.run(() => chaos.release());
  await old.run((...given) => chaos.emit(...given), 'after', 100);
  await until('all is handled', () => ledger.emitted.has('after') && !ledger.hasLost);
  for (const tab of tabs) await tab.run(() => chaos.bus.idle({ timeoutMs: 30_000 }));
  note(`taken over after ${tookMs} ms, with a lease of 1000 ms; ${ledger.duplicates} events handled again`);
  const faults = ledger.moves.slice(moved).filter(({ by }) => by === 'old');
  check('S7 a tab whose lock was taken moves nothing when it thaws', faults);
  check('S7 its events are handled again, and no others', again(ledger.duplicates, CONCURRENCY));
  check('S7 the events of each source are handled in order', disorder(ledger.handled));

  const next = tabs.find((_, index) => ['old', 'new', 'newer'][index] === ledger.onDuty);
  await next?.close();
  const third = tabs[next === heir ? 2 : 1];
  await third?.close();
  await until('the old tab is on duty again', () => ledger.onDuty === 'old');
  await old.run((...given) => chaos.emit(...given), 'last', 100);
  await until('all is handled', () => ledger.emitted.has('last') && !ledger.hasLost);
  check('S7 it stays in the group, and has its turn again', again(ledger.duplicates, CONCURRENCY));
  check('no page complains', [...ledger.failures, ...tabs.flatMap(({ complaints }) => complaints)]);
  const row = [
    ledger.times.size,
    ledger.lost.length,
    ledger.takeovers,
    ledger.duplicates,
    ledger.mostDuplicates(CONCURRENCY),
  ];
  figures.takeovers.push([title, ...row.map(String)]);
  await old.close();
}

/** @param {number} duplicates @param {number} expected */
function again(duplicates, expected) {
  return duplicates === expected ? [] : [`${duplicates} were, and not ${expected}`];
}
