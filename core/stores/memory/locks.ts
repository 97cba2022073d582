import type { Locks } from '../../index.js';

/** Who has a lock, or waits for it. */
interface Claim {
  readonly lost: AbortController;
  readonly granted: () => void;
}

/** Locks between the buses that are given one store. */
export class MemoryLocks implements Locks {
  readonly #holders = new Map<string, Claim>();
  readonly #lines = new Map<string, Set<Claim>>();

  async hold(
    name: string,
    { signal, steal = false }: { readonly signal: AbortSignal; readonly steal?: boolean },
    work: (lost: AbortSignal) => Promise<void>,
  ): Promise<void> {
    signal.throwIfAborted();
    const lost = new AbortController();
    const claim = await this.#take(name, signal, steal, lost);
    const isLost = new Promise<void>((resolve) => {
      if (lost.signal.aborted) resolve();
      else lost.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await Promise.race([work(lost.signal), isLost]);
    } finally {
      if (this.#holders.get(name) === claim) this.#passOn(name);
    }
  }

  #take(name: string, signal: AbortSignal, steal: boolean, lost: AbortController): Promise<Claim> {
    return new Promise((resolve, reject) => {
      const holder = this.#holders.get(name);
      const claim: Claim = {
        lost,
        granted: () => {
          signal.removeEventListener('abort', giveUp);
          this.#holders.set(name, claim);
          resolve(claim);
        },
      };
      const giveUp = (): void => {
        this.#lines.get(name)?.delete(claim);
        reject(signal.reason);
      };
      if (holder === undefined || steal) {
        claim.granted();
        holder?.lost.abort(new DOMException('Another took the lock', 'AbortError'));
        return;
      }
      signal.addEventListener('abort', giveUp, { once: true });
      const line = this.#lines.get(name) ?? new Set<Claim>();
      this.#lines.set(name, line.add(claim));
    });
  }

  /** The next in line has it before anybody else can ask. */
  #passOn(name: string): void {
    const line = this.#lines.get(name);
    const [next] = line ?? [];
    this.#holders.delete(name);
    if (next === undefined) this.#lines.delete(name);
    else {
      line?.delete(next);
      next.granted();
    }
  }
}
