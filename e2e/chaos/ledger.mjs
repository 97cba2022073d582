/** @typedef {import('./tab.mjs').Tab} Tab */

/** The most events a node on duty has handled and not committed. */
const MOST_UNCOMMITTED = 100;

/** What the tabs of one application have told: which events they may rely on, and which were handled, by whom. */
export class Ledger {
  /** By source, the numbers of the events whose `persisted` resolved. @type {Map<string, Set<number>>} */
  kept = new Map();
  /** By event, how often it was handled. @type {Map<string, number>} */
  times = new Map();
  /** Handlings in order. @type {{ by: string, source: string, n: number, offset: number, at: number }[]} */
  handled = [];
  /** Who went on duty, in order, and behind which offset it began. @type {{ by: string, epoch: number, after: number }[]} */
  duties = [];
  /** Cursor moves, and what went on duty between them. @type {{ by: string, offset: number, epoch: number }[]} */
  moves = [];
  /** When pages were left, as the others heard of it. @type {Map<string, number>} */
  left = new Map();
  /** Sources that are through. @type {Set<string>} */
  emitted = new Set();
  /** @type {string[]} */
  failures = [];

  /** Kept and not handled yet. @type {Set<string>} */
  #open = new Set();

  /** @param {Tab} tab */
  listen(tab) {
    tab.onTold = (told) => this.#take(told);
  }

  get duplicates() {
    return this.handled.length - this.times.size;
  }

  /** How often one node followed another. */
  get takeovers() {
    return Math.max(0, this.duties.length - 1);
  }

  /** Who was last to go on duty. */
  get onDuty() {
    return this.duties.at(-1)?.by;
  }

  /** How many events may have been handled twice. @param {number} [concurrency] */
  mostDuplicates(concurrency = 1) {
    return this.takeovers * (MOST_UNCOMMITTED + concurrency);
  }

  /** @param {string} source */
  keptOf(source) {
    return this.kept.get(source)?.size ?? 0;
  }

  /** Events that may be relied on and were not handled. */
  get lost() {
    return [...this.#open];
  }

  get hasLost() {
    return this.#open.size > 0;
  }

  /** @param {import('./tab.mjs').Told} told */
  #take([kind, by, ...rest]) {
    if (kind === 'kept') this.#keep(by, rest[0]);
    else if (kind === 'emitted') this.emitted.add(by);
    else if (kind === 'onDuty') this.duties.push({ by, epoch: rest[0], after: rest[1] });
    else if (kind === 'moved') this.moves.push({ by, offset: rest[0], epoch: this.#epochOf(by) });
    else if (kind === 'handled') this.#handle(by, rest[0], rest[1], rest[2]);
    else if (kind === 'left') this.left.set(by, this.left.get(by) ?? performance.now());
    else if (kind === 'failed') this.failures.push([by, ...rest].join(' '));
  }

  /** @param {string} source @param {number[]} numbers */
  #keep(source, numbers) {
    const kept = this.kept.get(source) ?? new Set();
    this.kept.set(source, kept);
    for (const n of numbers) {
      kept.add(n);
      if (!this.times.has(`${source} ${n}`)) this.#open.add(`${source} ${n}`);
    }
  }

  /** @param {string} by @param {string} source @param {number} n @param {number} offset */
  #handle(by, source, n, offset) {
    const event = `${source} ${n}`;
    this.#open.delete(event);
    this.times.set(event, (this.times.get(event) ?? 0) + 1);
    this.handled.push({ by, source, n, offset, at: performance.now() });
  }

  /** @param {string} by */
  #epochOf(by) {
    return this.duties.findLast((duty) => duty.by === by)?.epoch ?? 0;
  }
}

/**
 * Where the first handlings of a source do not ascend.
 * @param {Iterable<{ source: string, n: number }>} handled
 * @returns {string[]}
 */
export function disorder(handled) {
  /** @type {Map<string, number>} */
  const latest = new Map();
  const seen = new Set();
  const faults = [];
  for (const { source, n } of handled) {
    if (seen.has(`${source} ${n}`)) continue;
    seen.add(`${source} ${n}`);
    const before = latest.get(source) ?? -1;
    if (n < before) faults.push(`${source} ${n} after ${before}`);
    latest.set(source, Math.max(n, before));
  }
  return faults;
}
