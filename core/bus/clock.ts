/** Where the bus reads time and sets timers; give your own to test without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number;
  /** Milliseconds since the Unix epoch with a fraction, never going back: what durations are measured with. */
  precise(): number;
  /** Calls `run` once after `delayMs`; a timer never keeps a process alive. */
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clock of the platform. Globals are looked up at each call, so fake timers installed later still work. */
export const systemClock: Clock = Object.freeze<Clock>({
  now: () => Date.now(),
  precise: () => performance.timeOrigin + performance.now(),
  setTimeout(run, delayMs) {
    // A platform's timer takes 31 bits, and fires at once when given more.
    const timer: unknown = setTimeout(run, Math.min(delayMs, 0x7fff_ffff));
    if (hasUnref(timer)) timer.unref();
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
});

function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer;
}
