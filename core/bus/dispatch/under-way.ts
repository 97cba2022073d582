/** A call that can be told that nobody waits for it any more. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** Calls under way: aborted when the bus waits for them no longer, and those that join later at once. */
export class UnderWay {
  readonly #calls = new Set<Abortable>();
  #over: { readonly reason: unknown } | undefined;

  add(call: Abortable): void {
    if (this.#over === undefined) this.#calls.add(call);
    else call.abort(this.#over.reason);
  }

  delete(call: Abortable): void {
    this.#calls.delete(call);
  }

  abort(reason: unknown): void {
    this.#over = { reason };
    for (const call of this.#calls) call.abort(reason);
    this.#calls.clear();
  }
}
