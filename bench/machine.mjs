import { availableParallelism, cpus, loadavg } from 'node:os';

/** @typedef {{ cpu: string, cores: number, node: string, browser?: string, load: number, dateNowNs: number }} Machine */

/** @returns {Machine} where this was measured; the clock is most of the cost of an emit, and machines differ in it */
export function thisMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    load: Number(loadavg()[0]?.toFixed(2)),
    dateNowNs: Math.round(dateNowNs()),
  };
}

function dateNowNs() {
  const rounds = 1_000_000;
  let best = Number.POSITIVE_INFINITY;
  let last = 0;
  for (let tried = 0; tried < 5; tried++) {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) last = Date.now();
    best = Math.min(best, ((performance.now() - start) * 1e6) / rounds);
  }
  return last > 0 ? best : Number.NaN;
}
