/** What a component knows of a request; `status` says which. */
export type RequestState<R> = (
  | { readonly status: 'idle'; readonly data: undefined; readonly error: undefined }
  /** `data` is that of the answer before, when the same is asked again. */
  | { readonly status: 'pending'; readonly data: R | undefined; readonly error: undefined }
  | { readonly status: 'success'; readonly data: R; readonly error: undefined }
  | { readonly status: 'error'; readonly data: R | undefined; readonly error: unknown }
) & {
  /** Asks again, also when nothing was asked yet; the answer to what was asked before is not waited for any more. */
  readonly refetch: () => void;
};

/** One question of one component, however often it is asked. */
export class Question<R> {
  readonly #ask: (signal: AbortSignal) => Promise<R>;
  readonly #listeners = new Set<() => void>();
  #state: RequestState<R>;
  #isMounted = false;
  /** Ends the request that is waited for. */
  #asking: AbortController | undefined;

  constructor(ask: (signal: AbortSignal) => Promise<R>, isAsked: boolean) {
    this.#ask = ask;
    this.#state = { status: isAsked ? 'pending' : 'idle', data: undefined, error: undefined, refetch: this.#refetch };
  }

  readonly snapshot = (): RequestState<R> => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** The component is mounted, until it calls what this returns. */
  readonly mount = (): (() => void) => {
    this.#isMounted = true;
    // Strict mode unmounts and mounts in one go, and what was emitted cannot be taken back.
    queueMicrotask(() => {
      if (this.#isMounted && this.#state.status === 'pending' && this.#asking === undefined) this.#send();
    });
    return () => {
      this.#isMounted = false;
      this.#asking?.abort();
      this.#asking = undefined;
    };
  };

  readonly #refetch = (): void => {
    this.#asking?.abort();
    this.#change({ status: 'pending', data: this.#state.data, error: undefined, refetch: this.#refetch });
    // What the effect of a child, or something in a hidden Activity, asks for is asked when it is mounted.
    if (this.#isMounted) this.#send();
  };

  #send(): void {
    const asking = new AbortController();
    this.#asking = asking;
    const settled = (state: RequestState<R>): void => {
      // What was given up may still be answered.
      if (this.#asking !== asking) return;
      this.#asking = undefined;
      this.#change(state);
    };
    const { refetch, data: before } = this.#state;
    new Promise<R>((resolve) => resolve(this.#ask(asking.signal))).then(
      (data) => settled({ status: 'success', data, error: undefined, refetch }),
      (error: unknown) => settled({ status: 'error', data: before, error, refetch }),
    );
  }

  #change(state: RequestState<R>): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
