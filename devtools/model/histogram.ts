/** Buckets in an octave; the middle of a bucket is at most half of 1/32 from anything in it: 1.5625 %. */
const PER_OCTAVE = 32;
/** Octaves from 2^-10 ms (about a microsecond) up to 2^22 ms (over an hour). */
const LOWEST_EXPONENT = -10;
const OCTAVES = 32;
const BUCKETS = OCTAVES * PER_OCTAVE;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
/** The top five bits of a float's fraction, behind its exponent, number the buckets without a logarithm. */
const FRACTION_SHIFT = 23 - 5;
const FIRST = (127 + LOWEST_EXPONENT) << 5;

/** Durations counted in log-linear buckets: fixed memory, quantiles within 1.6 %, nothing is ever forgotten. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #below = 0;
  #max = 0;
  #sum = 0;

  get count(): number {
    return this.#count;
  }
  get max(): number {
    return this.#max;
  }
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Counts one duration in ms; one below zero, from a clock that was set back, counts as zero. */
  record(durationMs: number): void {
    const duration = Math.max(0, durationMs);
    this.#count++;
    this.#sum += duration;
    if (duration > this.#max) this.#max = duration;
    const bucket = bucketOf(duration);
    if (bucket < 0) this.#below++;
    else this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
  }

  /**
   * The duration that a share `q` of all durations does not exceed, in ms; 0 when there are none.
   * @param q from 0 to 1
   */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    if (rank > this.#count) return 0;
    let seen = this.#below;
    // Less than the shortest duration that is told apart.
    if (rank <= seen) return 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] as number;
      if (rank <= seen) return Math.min(this.#max, lowerBound(bucket) * (1 + width(bucket) / 2));
    }
    return this.#max;
  }

  /** How many durations fell into each of `bars` spans of equal ratio between the shortest and the longest. */
  bars(bars: number): { readonly from: number; readonly to: number; readonly counts: readonly number[] } {
    const counts = new Array<number>(bars).fill(0);
    const first = this.#counts.findIndex((count) => count > 0);
    if (first < 0) return { from: 0, to: this.#max, counts };
    const last = this.#counts.findLastIndex((count) => count > 0);
    const span = last - first + 1;
    for (let bucket = first; bucket <= last; bucket++) {
      const bar = Math.floor(((bucket - first) * bars) / span);
      counts[bar] = (counts[bar] as number) + (this.#counts[bucket] as number);
    }
    return { from: lowerBound(first), to: this.#max, counts };
  }
}

function bucketOf(durationMs: number): number {
  float[0] = durationMs;
  // Above the last octave everything is in the last bucket, whose quantile is cut to the maximum.
  return Math.min(BUCKETS - 1, ((bits[0] as number) >>> FRACTION_SHIFT) - FIRST);
}

function lowerBound(bucket: number): number {
  const octave = Math.floor(bucket / PER_OCTAVE);
  return 2 ** (octave + LOWEST_EXPONENT) * (1 + (bucket % PER_OCTAVE) / PER_OCTAVE);
}

/** Width of a bucket as a share of its lower bound. */
function width(bucket: number): number {
  return 1 / (PER_OCTAVE + (bucket % PER_OCTAVE));
}
