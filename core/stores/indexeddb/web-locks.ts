import type { Locks } from '../../index.js';
import { storeFailure } from './failure.js';
import type { PageLife } from './page-life.js';

type Work = (lost: AbortSignal) => Promise<void>;

const never = new AbortController().signal;

/**
 * Locks among the tabs and workers that share a database. The platform leaves a frozen page its locks, and even gives it
 * those it waits for, so that everybody else waits until somebody looks at that page again; such a page therefore lets
 * go of all, and gets in line again when it is back.
 */
export class WebLocks implements Locks {
  readonly #database: string;
  readonly #page: PageLife;
  readonly #letGo = new Set<() => void>();

  constructor(database: string, page: PageLife) {
    this.#database = database;
    this.#page = page;
  }

  /** Lets go of every lock, and of every place in a line, before it returns. */
  leave(): void {
    for (const letGo of [...this.#letGo]) letGo();
  }

  async hold(
    name: string,
    { signal, steal = false }: { readonly signal: AbortSignal; readonly steal?: boolean },
    work: Work,
  ): Promise<void> {
    this.#page.watch();
    for (let held = false; !held; ) {
      await this.#page.awake(signal);
      held = await this.#request(name, signal, steal ? { steal } : undefined, work);
    }
  }

  /** Does something while nobody else does it, or leaves it to whoever does. */
  async attempt(name: string, work: Work): Promise<void> {
    this.#page.watch();
    await this.#request(name, never, { ifAvailable: true }, work);
  }

  /** False when the page had to leave the line before its turn came. */
  async #request(name: string, signal: AbortSignal, how: LockOptions | undefined, work: Work): Promise<boolean> {
    signal.throwIfAborted();
    const lost = new AbortController();
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    let isHeld = false;
    let isOver = false;
    const letGo = new Promise<void>((resolve) => {
      lost.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const lose = (): void => {
      leave();
      if (isHeld) lost.abort(new DOMException('The lock was lost', 'AbortError'));
    };
    this.#letGo.add(lose);
    signal.addEventListener('abort', leave, { once: true });
    try {
      // The platform takes no signal beside other options; with these nobody waits.
      await navigator.locks.request(this.#nameOf(name), how ?? { signal: leaving.signal }, async (lock) => {
        if (lock === null || leaving.signal.aborted) return;
        isHeld = true;
        try {
          await Promise.race([work(lost.signal), letGo]);
        } finally {
          isOver = true;
        }
      });
      return isHeld || how?.ifAvailable === true;
    } catch (error) {
      // What the work failed with.
      if (isOver) throw error;
      signal.throwIfAborted();
      if (isHeld) lose();
      else if (!leaving.signal.aborted) throw storeFailure(this.#database, 'lock', error);
      return isHeld;
    } finally {
      this.#letGo.delete(lose);
      signal.removeEventListener('abort', leave);
    }
  }

  #nameOf(name: string): string {
    return `crosstown:${this.#database}:${name}`;
  }
}
