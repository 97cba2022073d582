import { InvalidOptionError } from '../../index.js';

/**
 * How fast events are replayed: as soon as may be; at least `delayMs` apart; or with the time between them that was
 * between their timestamps, divided by `factor`, and no more than `maxDelayMs` of it. That time is kept to over the whole
 * replay: handlers that take longer are made up for where there is a longer pause.
 */
export type ReplaySpeed =
  | 'asap'
  | 'recorded'
  | { readonly delayMs: number }
  | { readonly factor: number; readonly maxDelayMs?: number };

/** When the next event is due. */
export class Pace {
  /** Time from one event to the next, by the time between their timestamps. */
  readonly #gap: (recordedMs: number) => number;
  /** Whether an event that is late delays those behind it. */
  readonly #shifts: boolean;
  readonly #direction: 1 | -1;
  #due: number | undefined;
  #timestamp = 0;

  /** @throws InvalidOptionError */
  constructor(speed: ReplaySpeed, order: 'asc' | 'desc') {
    this.#gap = gapOf(speed);
    this.#shifts = speed !== 'recorded' && !(typeof speed === 'object' && 'factor' in speed);
    this.#direction = order === 'asc' ? 1 : -1;
  }

  /** How long to wait, at `now`, until an event of this timestamp is due. */
  waitMs(timestamp: number, now: number): number {
    // Clocks are set back, and nodes that share a store have each their own.
    const recordedMs = Math.max(0, this.#direction * (timestamp - this.#timestamp));
    const due = this.#due === undefined ? now : this.#due + this.#gap(recordedMs);
    this.#timestamp = timestamp;
    this.#due = this.#shifts ? Math.max(due, now) : due;
    return Math.max(0, due - now);
  }
}

/** @throws InvalidOptionError */
function gapOf(speed: ReplaySpeed): (recordedMs: number) => number {
  if (speed === 'asap') return () => 0;
  if (speed === 'recorded') return (recordedMs) => recordedMs;
  if (typeof speed === 'object' && speed !== null) {
    if ('delayMs' in speed) {
      const { delayMs } = speed;
      if (Number.isFinite(delayMs) && delayMs >= 0) return () => delayMs;
    } else {
      const { factor, maxDelayMs = Number.POSITIVE_INFINITY } = speed;
      if (factor > 0 && maxDelayMs >= 0) return (recordedMs) => Math.min(recordedMs / factor, maxDelayMs);
    }
  }
  const wanted = `'asap', 'recorded', { delayMs } of 0 or more, or { factor } above 0 with { maxDelayMs } of 0 or more`;
  throw new InvalidOptionError('speed', speed, wanted);
}
