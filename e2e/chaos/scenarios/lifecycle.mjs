import { Ledger } from '../ledger.mjs';
import { until } from '../until.mjs';

/**
 * A page with all that a bus has goes into the back/forward cache and comes out of it, and is frozen and thaws: it has
 * missed nothing.
 * @param {import('../run.mjs').Scene} scene
 * @param {{ name: string, events: number }} how
 */
export async function lifecycle({ browser, url, check, note }, { name, events }) {
  const ledger = new Ledger();
  const a = await browser.open(url);
  ledger.listen(a);
  await a.run((given) => chaos.start(given), { name, source: 'a' });
  await until('the first tab is on duty', () => ledger.onDuty === 'a');
  await a.run(() => {
    chaos.collect('durable', { durable: 'mail' });
    chaos.collect('caught up', { catchUp: true });
    chaos.collect('live');
  });
  const b = await browser.open(url);
  ledger.listen(b);
  await b.run((given) => chaos.start(given), { name, source: 'b' });
  /** @type {string[]} */
  const expected = [];

  /** @param {string} source @param {number} count */
  async function emitElsewhere(source, count) {
    await b.run((...given) => chaos.emit(...given), source, count);
    for (let n = 0; n < count; n++) expected.push(`${source} ${n}`);
  }
  /** @param {string} rule @param {string} when */
  async function checkCollected(rule, when) {
    const got = () => a.run(() => chaos.got);
    await until('it has got everything', async () =>
      Object.values(await got()).every((list) => list.length >= expected.length),
    ).catch(() => {});
    for (const [as, list] of Object.entries(await got())) {
      const names = list.map(([source, n]) => `${source} ${n}`);
      const missing = expected.filter((event) => !names.includes(event));
      const other = names.filter((event, index) => event !== expected[index]);
      check(`${rule} a subscription that is ${as} has got, in order and once, all that was emitted ${when}`, [
        ...missing.map((event) => `${event} is missing`),
        ...(missing.length === 0 ? other : []),
      ]);
    }
  }

  await emitElsewhere('before', 20);
  await checkCollected('S6', 'while the page was there');

  const lastWords = 50;
  await a.run((count) => {
    for (let n = 0; n < count; n++) chaos.bus.emit('job.last', { source: 'last words', n }, { local: true });
    location.assign('/elsewhere');
  }, lastWords);
  for (let n = 0; n < lastWords; n++) expected.push(`last words ${n}`);
  await until('the next page is there', () => a.run(() => location.pathname === '/elsewhere').catch(() => false));
  await until('the other tab is on duty', () => ledger.onDuty === 'b');
  await emitElsewhere('away', events);
  await a.back();
  const restored = await a.run(() => chaos.restored);
  check('the page comes out of the back/forward cache', restored === 1 ? [] : a.refusals);
  const log = await b.run(() => chaos.log());
  const last = log.filter(([source]) => source === 'last words');
  check('S3 what it emitted as it was left is stored', last.length === lastWords ? [] : [`${last.length} are`]);
  await checkCollected('S6 T7', 'while it was in the cache');

  await b.show();
  await a.freeze();
  await emitElsewhere('frozen', events);
  await a.thaw();
  await checkCollected('S6 T7', 'while it was frozen');

  await emitElsewhere('after', 20);
  await checkCollected('S6', 'after it thawed');
  await until('the group has handled everything', () => !ledger.hasLost).catch(() => {});
  const gaps = await a.run(() => chaos.gaps);
  note(`gaps found and filled: ${gaps.filter(({ filled, missed }) => filled === missed).length} of ${gaps.length}`);
  check(
    'T7 sequence gaps are filled',
    gaps.filter(({ filled, missed }) => filled !== missed),
  );
  check('S7 the group has handled everything', ledger.lost);
  // A page that is left is not asked to commit what it has handled.
  const most = ledger.mostDuplicates();
  check(`S6 at most ${most} events are handled again`, ledger.duplicates > most ? [ledger.duplicates] : []);
  check('no page complains', [...ledger.failures, ...a.complaints, ...b.complaints]);
  await a.close();
  await b.close();
}
