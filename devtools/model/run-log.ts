export const RUNNING = 0;
export const SUCCEEDED = 1;
export const FAILED = 2;

/** The last calls of handlers as columns of a ring; a run is a sequence number, like an event in the event log. */
export class RunLog {
  readonly capacity: number;
  readonly mask: number;
  readonly handler: Uint16Array;
  /** Epoch ms with a fraction. */
  readonly start: Float64Array;
  /** In ms; NaN while it runs. */
  readonly duration: Float32Array;
  readonly outcome: Uint8Array;
  /** The run of the same event before this one; -1 for the first. */
  readonly previous: Float64Array;
  readonly #errors = new Map<number, unknown>();
  #head = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.handler = new Uint16Array(capacity);
    this.start = new Float64Array(capacity);
    this.duration = new Float32Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.previous = new Float64Array(capacity);
  }

  begin(handler: number, at: number, previous: number): number {
    const run = this.#head++;
    const slot = run & this.mask;
    if (this.outcome[slot] === FAILED) this.#errors.delete(run - this.capacity);
    this.handler[slot] = handler;
    this.start[slot] = at;
    this.duration[slot] = Number.NaN;
    this.outcome[slot] = RUNNING;
    this.previous[slot] = previous;
    return run;
  }

  /** Ends the running call of `handler` among those that lead back from `last`; false when there is none. */
  end(last: number, handler: number, durationMs: number, failed: boolean, error: unknown): boolean {
    for (let run = last; this.has(run); run = this.previous[run & this.mask] as number) {
      const slot = run & this.mask;
      if (this.handler[slot] !== handler || this.outcome[slot] !== RUNNING) continue;
      this.duration[slot] = durationMs;
      this.outcome[slot] = failed ? FAILED : SUCCEEDED;
      if (failed) this.#errors.set(run, error);
      return true;
    }
    return false;
  }

  has(run: number): boolean {
    return run >= 0 && run < this.#head && run >= this.#head - this.capacity;
  }

  errorOf(run: number): unknown {
    return this.#errors.get(run);
  }

  clear(): void {
    // Numbers go on, so that none that is still held leads to a later run.
    this.#head += this.capacity;
    this.outcome.fill(RUNNING);
    this.#errors.clear();
  }
}
