/** @param {readonly number[]} values @returns {number} NaN of none */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + /** @type {number} */ (sorted[middle - 1])) / 2;
}

/**
 * What a reading is when nothing interferes: the lowest tenth of those of a round. Whatever else a machine does can
 * only make a reading longer.
 * @param {readonly number[]} readings
 * @returns {number} NaN of none
 */
export function undisturbed(readings) {
  return [...readings].sort((a, b) => a - b)[Math.floor(readings.length / 10)] ?? Number.NaN;
}

/**
 * How many times as long one cell takes as another that was measured in turn with it: the median of the rounds' ratios.
 * @param {readonly (readonly number[])[]} ours of each round, its readings
 * @param {readonly (readonly number[])[]} theirs
 */
export function pairedRatio(ours, theirs) {
  return median(ours.map((readings, round) => undisturbed(readings) / undisturbed(theirs[round] ?? [])));
}

/**
 * How much longer one cell takes than another that was measured in turn with it: the median of the rounds' differences.
 * @param {readonly (readonly number[])[]} ours of each round, its readings
 * @param {readonly (readonly number[])[]} theirs
 */
export function pairedDifference(ours, theirs) {
  return median(ours.map((readings, round) => undisturbed(readings) - undisturbed(theirs[round] ?? [])));
}

/** @param {readonly (readonly number[])[]} rounds */
export function medianOfRounds(rounds) {
  return median(rounds.map(undisturbed));
}
