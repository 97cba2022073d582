/** Seconds of history that the rate is shown for. */
const SECONDS = 60;

/** How many events there were: of each type, and in each of the last sixty seconds. */
export class Traffic {
  /** All events since the panel began or was cleared; those emitted here, and those that came from other nodes. */
  local = 0;
  arrived = 0;
  failures = 0;
  /** Records that were refused at a border. */
  refused = 0;
  /** Events that the bus, a handler or a stream had no room for. */
  discarded = 0;
  /** Handler runs of other nodes that were too many to be told. */
  untold = 0;
  /** Records of other nodes that were sent and never came. */
  lost = 0;
  #byType = new Uint32Array(256);
  readonly #seconds = new Uint32Array(SECONDS);
  #second = 0;

  /** Counts one event; `type` is the number of its type, `at` its time in epoch ms. */
  count(type: number, at: number, isLocal: boolean): void {
    if (isLocal) this.local++;
    else this.arrived++;
    if (type >= this.#byType.length) this.#grow(type);
    this.#byType[type] = (this.#byType[type] as number) + 1;
    const second = Math.floor(at / 1000);
    if (second > this.#second) this.#advance(second);
    const slot = this.#second % SECONDS;
    this.#seconds[slot] = (this.#seconds[slot] as number) + 1;
  }

  ofType(type: number): number {
    return this.#byType[type] ?? 0;
  }

  /** Events in each of the last seconds, the current one last. */
  perSecond(now: number): readonly number[] {
    this.#advance(Math.floor(now / 1000));
    return Array.from({ length: SECONDS }, (_, i) => this.#seconds[(this.#second + 1 + i) % SECONDS] as number);
  }

  clear(): void {
    this.local = 0;
    this.arrived = 0;
    this.failures = 0;
    this.refused = 0;
    this.discarded = 0;
    this.lost = 0;
    this.untold = 0;
    this.#byType.fill(0);
    this.#seconds.fill(0);
  }

  #advance(second: number): void {
    const passed = second - this.#second;
    // A clock that was set back stays in the second it has reached.
    if (passed <= 0) return;
    if (passed >= SECONDS) this.#seconds.fill(0);
    else for (let s = this.#second + 1; s <= second; s++) this.#seconds[s % SECONDS] = 0;
    this.#second = second;
  }

  #grow(type: number): void {
    const larger = new Uint32Array(Math.max(type + 1, this.#byType.length * 2));
    larger.set(this.#byType);
    this.#byType = larger;
  }
}
