export const RUNNING = 0;
export const SUCCEEDED = 1;
export const FAILED = 2;
/** There was no room for the call: it was never made. */
export const DROPPED = 3;

/** A dead letter that a run has left. */
export interface Letter {
  /** Its id on the bus; undefined for one of another node. */
  readonly id: string | undefined;
  /** False once it was tried again or discarded, as far as the panel knows. */
  readonly isOpen: boolean;
}

/** The last calls of handlers as columns of a ring; a run is a sequence number, like an event in the event log. */
export class RunLog {
  readonly capacity: number;
  readonly mask: number;
  readonly handler: Uint16Array;
  /** Counts the calls of the handler for the event from 1; 0 for one that was never made. */
  readonly attempt: Uint16Array;
  /** Epoch ms with a fraction. */
  readonly start: Float64Array;
  /** In ms; NaN while it runs. */
  readonly duration: Float32Array;
  readonly outcome: Uint8Array;
  /** How long after its end it was to be made again, in ms; NaN when it was not. */
  readonly retryIn: Float32Array;
  /** The run of the same event before this one; -1 for the first. */
  readonly previous: Float64Array;
  readonly #errors = new Map<number, unknown>();
  readonly #letters = new Map<number, Letter>();
  #head = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.handler = new Uint16Array(capacity);
    this.attempt = new Uint16Array(capacity);
    this.start = new Float64Array(capacity);
    this.duration = new Float32Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.retryIn = new Float32Array(capacity);
    this.previous = new Float64Array(capacity);
  }

  begin(handler: number, at: number, previous: number, attempt: number): number {
    const run = this.#head++;
    const slot = run & this.mask;
    if (this.outcome[slot] === FAILED) {
      this.#errors.delete(run - this.capacity);
      this.#letters.delete(run - this.capacity);
    }
    this.handler[slot] = handler;
    this.attempt[slot] = attempt;
    this.start[slot] = at;
    this.duration[slot] = Number.NaN;
    this.outcome[slot] = RUNNING;
    this.retryIn[slot] = Number.NaN;
    this.previous[slot] = previous;
    return run;
  }

  /** Ends the running call of `handler` among those that lead back from `last`; false when there is none. */
  end(last: number, handler: number, durationMs: number, outcome: number, error?: unknown): boolean {
    const run = this.#find(last, handler, RUNNING);
    if (run === undefined) return false;
    const slot = run & this.mask;
    this.duration[slot] = durationMs;
    this.outcome[slot] = outcome;
    if (outcome === FAILED) this.#errors.set(run, error);
    return true;
  }

  /** The latest failed call of `handler` among those that lead back from `last`. */
  failed(last: number, handler: number): number | undefined {
    return this.#find(last, handler, FAILED);
  }

  has(run: number): boolean {
    return run >= 0 && run < this.#head && run >= this.#head - this.capacity;
  }

  errorOf(run: number): unknown {
    return this.#errors.get(run);
  }

  letterOf(run: number): Letter | undefined {
    return this.#letters.get(run);
  }

  /** Says what has become of the dead letter that a failed run has left. */
  setLetter(run: number, letter: Letter): void {
    this.#letters.set(run, letter);
  }

  clear(): void {
    // Numbers go on, so that none that is still held leads to a later run.
    this.#head += this.capacity;
    this.outcome.fill(RUNNING);
    this.#errors.clear();
    this.#letters.clear();
  }

  #find(last: number, handler: number, outcome: number): number | undefined {
    for (let run = last; this.has(run); run = this.previous[run & this.mask] as number) {
      const slot = run & this.mask;
      if (this.handler[slot] === handler && this.outcome[slot] === outcome) return run;
    }
    return undefined;
  }
}
