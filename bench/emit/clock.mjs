/** How long one reading takes. */
const SLICE_MS = 40;

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
      const start = performance.now();
      await loop(tried);
      const ms = performance.now() - start;
      if (ms > SLICE_MS / 8) rounds = Math.ceil((tried * SLICE_MS) / ms);
    }
    const start = performance.now();
    await loop(rounds);
    return ((performance.now() - start) * 1e6) / rounds;
  };
}

/** @param {() => void} work @returns {number} milliseconds */
export function stopwatch(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Bytes in use after everything unreachable is gone; needs `--expose-gc`. */
export function heapBytes() {
  for (let pass = 0; pass < 4; pass++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
