/** `back` follows all others but `hidden`, which alone is not a reason to let go of anything. */
export type PageMoment = 'hidden' | 'left' | 'frozen' | 'back';

/**
 * The page a store lives in, watched from the store's first use until it is closed. A page that is hidden may be ended
 * without a word; in one that is left only what is done at once is done; one that is frozen, or kept in the cache for
 * the way back, must not hold what other pages wait for. A worker has no such life.
 */
export class PageLife {
  readonly #told: (moment: PageMoment) => void;
  readonly #waiting = new Set<() => void>();
  #watching: AbortController | undefined;
  #away = false;

  constructor(told: (moment: PageMoment) => void) {
    this.#told = told;
  }

  watch(): void {
    if (this.#watching !== undefined || typeof document === 'undefined') return;
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const hide = (): void => {
      if (document.visibilityState === 'hidden') this.#tell('hidden');
    };
    document.addEventListener('visibilitychange', hide, { signal });
    document.addEventListener('freeze', () => this.#tell('frozen'), { signal });
    document.addEventListener('resume', () => this.#tell('back'), { signal });
    addEventListener('pagehide', () => this.#tell('left'), { signal });
    addEventListener('pageshow', () => this.#tell('back'), { signal });
  }

  end(): void {
    this.#watching?.abort();
    this.#return();
  }

  /** Resolves once the page is neither frozen nor left; rejects with the signal's reason when that aborts before. */
  awake(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (!this.#away) return resolve();
      const stop = (): void => {
        this.#waiting.delete(wake);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#waiting.add(wake);
    });
  }

  #tell(moment: PageMoment): void {
    if (moment !== 'hidden') this.#away = moment !== 'back';
    this.#told(moment);
    if (moment === 'back') this.#return();
  }

  #return(): void {
    this.#away = false;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
