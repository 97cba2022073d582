// What runs in every tab: a bus as an application has it, and a thin hand for the tests on the other side of the pipe.
import { createEventBus } from 'crosstown';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
import { Evidence } from './evidence.mjs';

/**
 * @typedef {object} StartOptions
 * @property {string} name of the application, its channel and its database
 * @property {string} source
 * @property {number} [leaseMs]
 * @property {number} [concurrency]
 * @property {'told' | 'kept'} [evidence] `kept` where the browser itself is killed: in a database beside the bus's
 * @property {boolean} [deaf] nobody but the test hears that the page freezes, so that it keeps its locks
 */

/** @typedef {{ source: string, n: number, text: string }} Job */

const filler = 'x'.repeat(180);

export class Chaos {
  frozen = 0;
  resumed = 0;
  /** How often the page came out of the back/forward cache. */
  restored = 0;
  deaf = false;
  /** @type {import('crosstown').EventBus} */
  // @ts-expect-error: started before it is used
  bus;
  /** What other subscriptions than the group's have got, in order. @type {Record<string, [source: string, n: number][]>} */
  got = {};
  /** @type {import('crosstown').Subscription | undefined} */
  subscription;
  /** What was missed of other nodes, and how much of it the store had. @type {{ missed: number, filled: number }[]} */
  gaps = [];
  #gate = Promise.resolve();
  #callsLeft = Number.POSITIVE_INFINITY;
  release = () => {};

  constructor() {
    // First in line, before the store listens.
    document.addEventListener('freeze', (event) => {
      this.frozen++;
      if (this.deaf) event.stopImmediatePropagation();
    });
    document.addEventListener('resume', () => this.resumed++);
    // What a page tells as it is left does not get through; the others hear of it by way of what they share.
    addEventListener('pagehide', () => localStorage.setItem('left', this.bus?.source ?? ''));
    addEventListener('storage', ({ newValue }) => tell('left', newValue));
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.restored++;
    });
  }

  /** @param {StartOptions} options */
  open({ name, source, deaf = false }) {
    this.deaf = deaf;
    this.bus = createEventBus({
      name,
      source,
      store: indexedDbStore({ name }),
      transports: [broadcastChannel()],
      onError: (failure) => tell('failed', source, failure.stage, String(failure.error)),
    });
    this.bus.inspect((told) => {
      if (told.kind === 'onDuty' || told.kind === 'offDuty') {
        tell(told.kind, source, told.epoch, this.bus.stats().durable.find(({ group }) => group !== undefined)?.offset);
      }
      if (told.kind === 'cursorMoved') tell('moved', source, told.offset);
      if (told.kind === 'gap') this.gaps.push({ missed: told.to - told.from + 1, filled: told.filled });
    });
  }

  /**
   * Joins the group that handles all jobs.
   * @param {StartOptions} options
   */
  async start(options) {
    const { name, source, evidence = 'told', leaseMs = 10_000, concurrency = 1 } = options;
    this.open(options);
    const kept = evidence === 'kept' ? await Evidence.open(`${name}-evidence`) : undefined;
    this.subscription = this.bus.on(
      'job.*',
      ({ data }, { key }) => {
        const job = /** @type {Job} */ (data);
        tell('handled', source, job.source, job.n, Number(key?.split(':')[1]));
        if (--this.#callsLeft === 0) this.subscription?.();
        return kept?.add([job.source, job.n]) ?? this.#gate;
      },
      { group: 'workers', from: 'all', leaseMs, concurrency },
    );
  }

  /** The group's handler unsubscribes in the last of so many calls. @param {number} calls */
  quitAfter(calls) {
    this.#callsLeft = calls;
  }

  /** Handlers that are called from now on wait for `release`. */
  hold() {
    this.#gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  /**
   * Remembers what a subscription gets.
   * @param {string} as
   * @param {import('crosstown').OnOptions} [options]
   */
  collect(as, options) {
    /** @type {[string, number][]} */
    const got = [];
    this.got[as] = got;
    const handle = (/** @type {{ data: unknown }} */ { data }) => {
      const { source, n } = /** @type {Job} */ (data);
      got.push([source, n]);
    };
    this.bus.on('job.*', handle, options);
  }

  /**
   * Emits jobs, so many at a time, and says which of them it may rely on.
   * @param {string} source
   * @param {number} count
   * @param {number} [burst]
   */
  async emit(source, count, burst = 25) {
    for (let first = 0; first < count; first += burst) {
      const jobs = Array.from({ length: Math.min(burst, count - first) }, (_, index) => first + index);
      const persisted = jobs.map((n) => {
        const job = { source, n, text: filler };
        return this.bus.emit(n % 2 === 0 ? 'job.even' : 'job.odd', job).persisted;
      });
      const outcomes = await Promise.allSettled(persisted);
      const kept = jobs.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      tell('kept', source, kept);
    }
    tell('emitted', source);
  }

  /** Whether this tab is on duty and has handled everything. */
  async isDone() {
    const { onDuty, offset, inFlight } = this.bus.stats().durable.find(({ group }) => group !== undefined) ?? {};
    if (!onDuty || inFlight !== 0) return false;
    for await (const stored of this.bus.history({ order: 'desc', limit: 1 })) return stored.offset <= (offset ?? 0);
    return true;
  }

  /** Everything that is stored, in order. */
  async log() {
    /** @type {[string, number][]} */
    const all = [];
    for await (const { event } of this.bus.history({ pattern: 'job.*' })) {
      const { source, n } = /** @type {Job} */ (event.data);
      all.push([source, n]);
    }
    return all;
  }

  /** What was handled before, as was kept. @param {string} name */
  async evidence(name) {
    return (await Evidence.open(`${name}-evidence`)).all();
  }
}

/** @param {unknown[]} told */
function tell(...told) {
  tellTest(JSON.stringify(told));
}

globalThis.chaos = new Chaos();
