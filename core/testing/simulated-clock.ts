import { type Clock, CrosstownError, InvalidOptionError } from '../index.js';
import { reactions } from './reactions.js';

/** How a {@link SimulatedClock} is made. */
export interface SimulatedClockOptions {
  /** The time it begins at, in milliseconds since the Unix epoch; 2020-01-01T00:00:00.000Z by default. */
  readonly startAt?: number;
}

/** How many timers may set one another with no time in between before they are taken for a loop without an end. */
const LONGEST_CHAIN = 10_000;

/**
 * A clock that stands still until it is told to go on, so that a test waits for no delay. It sets no timer of the
 * platform: it does not matter whether the test runner has faked those.
 *
 * @throws InvalidOptionError
 * @example
 * const clock = new SimulatedClock();
 * const bus = createEventBus({ clock });
 * const answer = bus.waitFor('never.emitted', { timeoutMs: 5_000 });
 * await clock.advance(5_000); // and the answer is a WaitTimeoutError
 */
export class SimulatedClock implements Clock {
  readonly #startAt: number;
  /** Milliseconds that have gone by; nothing turns them back. */
  #elapsed = 0;
  /** How far the time of day was set away from them. */
  #shift = 0;
  /** In the order they are to run. */
  readonly #timers: Timer[] = [];
  #made = 0;
  /** How many timers led to what runs now, with no time in between. */
  #chain = 0;
  #advancing: Promise<void> = Promise.resolve();

  constructor({ startAt = Date.UTC(2020, 0) }: SimulatedClockOptions = {}) {
    assertInstant('startAt', startAt);
    this.#startAt = startAt;
  }

  now(): number {
    return Math.floor(this.precise() + this.#shift);
  }

  precise(): number {
    return this.#startAt + this.#elapsed;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    const delay = Math.max(delayMs || 0, 0);
    const timer = new Timer(this.#elapsed + delay, ++this.#made, delay > 0 ? 0 : this.#chain + 1, run);
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (!(timer instanceof Timer)) return;
    const place = this.#placeOf(timer);
    if (this.#timers[place] === timer) this.#timers.splice(place, 1);
  }

  /**
   * Lets `ms` milliseconds go by: runs the timers that come due, one by one, by time and then in the order they were set,
   * and before and after each all promise reactions that can run, so that these see the time they belong to. Timers set
   * on the way run too, if they come due. `advance(0)` runs what is due now.
   *
   * Calls that overlap go one after the other. Rejects with what a timer throws; time stays there.
   *
   * @throws InvalidOptionError
   */
  advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0))
      throw new InvalidOptionError('ms', ms, 'a number of milliseconds, 0 or more');
    const advanced = this.#advancing.then(() => this.#advance(ms));
    this.#advancing = advanced.catch(() => {});
    return advanced;
  }

  /**
   * Sets the time of day, forward or back, as people and networks do. Timers and `precise` take no notice.
   *
   * @param time in milliseconds since the Unix epoch
   * @throws InvalidOptionError
   */
  set(time: number): void {
    assertInstant('time', time);
    this.#shift = time - this.precise();
  }

  async #advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    try {
      await reactions();
      for (let next = this.#timers[0]; next !== undefined && next.due <= until; next = this.#timers[0]) {
        if (next.chain > LONGEST_CHAIN) throw endless();
        this.#timers.shift();
        this.#elapsed = next.due;
        this.#chain = next.chain;
        next.run();
        await reactions();
      }
      this.#elapsed = until;
    } finally {
      this.#chain = 0;
    }
  }

  /** The first place whose timer does not run before this one. */
  #placeOf({ due, number }: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle] as Timer;
      if (other.due < due || (other.due === due && other.number < number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class Timer {
  readonly due: number;
  readonly number: number;
  readonly chain: number;
  readonly run: () => void;

  constructor(due: number, number: number, chain: number, run: () => void) {
    this.due = due;
    this.number = number;
    this.chain = chain;
    this.run = run;
  }
}

function endless(): CrosstownError {
  const fact = `${LONGEST_CHAIN} timers set one another and no time went by`;
  return new CrosstownError('ENDLESS_TIMERS', fact, 'Look for a timer without delay that sets itself again');
}

function assertInstant(option: string, value: number): void {
  if (!Number.isFinite(value)) throw new InvalidOptionError(option, value, 'milliseconds since the Unix epoch');
}
