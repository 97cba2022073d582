/** How long one reading takes. */
const SLICE_MS = 8;

/**
 * Turns a loop into a reading: the first call finds out how many rounds fill a slice, every call returns ns per round.
 * @param {(rounds: number) => void} loop
 * @returns {() => number}
 */
export function readingOf(loop) {
  let rounds = 0;
  return () => {
    for (let tried = 64; rounds === 0; tried *= 4) {
      const ms = stopwatch(() => loop(tried));
      if (ms > SLICE_MS / 8) rounds = Math.ceil((tried * SLICE_MS) / ms);
    }
    return (stopwatch(() => loop(rounds)) * 1e6) / rounds;
  };
}

/**
 * The same for a loop that awaits.
 * @param {(rounds: number) => Promise<void>} loop
 * @returns {() => Promise<number>}
 */
export function awaitedReadingOf(loop) {
  let rounds = 0;
  return async () => {
    for (let tried = 64; rounds === 0; tried *= 4) {
      const start = cpuMs();
      await loop(tried);
      const ms = cpuMs() - start;
      if (ms > SLICE_MS / 8) rounds = Math.ceil((tried * SLICE_MS) / ms);
    }
    const start = cpuMs();
    await loop(rounds);
    return ((cpuMs() - start) * 1e6) / rounds;
  };
}

/** @param {() => void} work @returns {number} milliseconds */
export function stopwatch(work) {
  const start = cpuMs();
  work();
  return cpuMs() - start;
}

/**
 * Processor time of this process, its collector's threads included: on a quiet machine the same as the time that
 * passes, and on a busy one it does not count what others did meanwhile.
 */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Bytes in use after everything unreachable is gone; needs `--expose-gc`. */
export function heapBytes() {
  for (let pass = 0; pass < 4; pass++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
