/** An outcome that becomes a promise only when somebody asks for one; asked or not, it is never an unhandled rejection. */
export class LazyPromise<T> {
  #promise: Promise<T> | undefined = undefined;
  #resolve: ((value: T) => void) | undefined = undefined;
  #reject: ((error: unknown) => void) | undefined = undefined;
  #settled: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown } | undefined =
    undefined;

  get promise(): Promise<T> {
    if (this.#promise !== undefined) return this.#promise;
    const settled = this.#settled;
    if (settled === undefined) {
      this.#promise = new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
    } else this.#promise = settled.ok ? Promise.resolve(settled.value) : Promise.reject(settled.error);
    this.#promise.catch(() => {});
    return this.#promise;
  }

  resolve(value: T): void {
    this.#settled ??= { ok: true, value };
    this.#resolve?.(value);
  }

  reject(error: unknown): void {
    this.#settled ??= { ok: false, error };
    this.#reject?.(error);
  }
}
