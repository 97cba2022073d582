/** @param {readonly number[]} values @returns {number} NaN of none */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + /** @type {number} */ (sorted[middle - 1])) / 2;
}

/**
 * The ratio of two cells: readings taken one after the other are compared with each other alone, so what slows the
 * machine down for a while slows both. The median within a round, then the median of rounds.
 * @param {readonly (readonly number[])[]} ours of each round, its readings
 * @param {readonly (readonly number[])[]} peers
 */
export function pairedRatio(ours, peers) {
  return median(
    ours.map((readings, round) =>
      median(readings.map((value, index) => value / /** @type {number} */ (peers[round]?.[index]))),
    ),
  );
}

/** @param {readonly (readonly number[])[]} rounds */
export function medianOfRounds(rounds) {
  return median(rounds.map(median));
}
