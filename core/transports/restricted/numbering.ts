/** Most numbers that are remembered as skipped one by one: what comes later than all of them is too late. */
const MOST_SKIPPED = 1000;

/**
 * Closes up the sequence of a node over what is not let through, so that its receiver neither misses that nor learns of
 * it. The same number always gives the same one, as long as nothing that comes late is skipped for it.
 */
export class Numbering {
  /** What was skipped, ascending, behind the first so many that are only counted. */
  readonly #skipped: number[] = [];
  #forgotten = 0;
  #highest = -1;

  /** Takes a number out. One that comes late leaves its gap: what came after it has its number already. */
  skip(seq: number): void {
    if (seq <= this.#highest) return;
    this.#highest = seq;
    if (this.#skipped.push(seq) <= MOST_SKIPPED) return;
    this.#skipped.shift();
    this.#forgotten++;
  }

  /** The number that one is let through with; below 0, which no receiver takes, when it comes far too late. */
  of(seq: number): number {
    this.#highest = Math.max(this.#highest, seq);
    return seq - this.#before(seq);
  }

  /** What a greeting says instead of the last number sent. */
  last(seq: number): number {
    return seq - this.#before(seq + 1);
  }

  #before(seq: number): number {
    return this.#forgotten + this.#skipped.findLastIndex((skipped) => skipped < seq) + 1;
  }
}
