import { assertName, assertPriority } from '../dispatch/admit.js';
import type { Emission } from '../dispatch/delivery.js';
import type { Middleware, MiddlewareOptions } from '../dispatch/middleware.js';
import { ScopedEmission } from './scoped-emission.js';

/** The middleware of one scope. */
export class ScopedMiddleware {
  readonly #use: (middleware: Middleware, options: MiddlewareOptions) => () => void;
  /** Whether the scope's middleware meets events of a type. */
  readonly #meets: (type: string) => boolean;
  readonly #ends = new Set<() => void>();
  readonly #held = new Set<() => void>();

  constructor(
    use: (middleware: Middleware, options: MiddlewareOptions) => () => void,
    meets: (type: string) => boolean,
  ) {
    this.#use = use;
    this.#meets = meets;
  }

  /** Puts one in line, now or when it is released; returns what takes it away. */
  add(middleware: Middleware, options: MiddlewareOptions, isHeld: boolean): () => void {
    // Now, and not when it is released: another plugin has to make way for this one then.
    assertPriority(options.priority);
    assertName(options.name);
    const name = options.name ?? (middleware.name || 'middleware');
    let remove: (() => void) | undefined;
    const begin = (): void => {
      remove = this.#use(this.#own(middleware), { ...options, name });
    };
    const end = (): void => {
      this.#ends.delete(end);
      this.#held.delete(begin);
      remove?.();
    };
    this.#ends.add(end);
    if (isHeld) this.#held.add(begin);
    else begin();
    return end;
  }

  /** Has those begin that were held. */
  release(): void {
    for (const begin of this.#held) begin();
    this.#held.clear();
  }

  end(): void {
    for (const end of this.#ends) end();
  }

  #own(middleware: Middleware): Middleware {
    return (event, next) => {
      if (!this.#meets(event.type)) return next();
      let passed: Emission | undefined;
      const returned = middleware(event, (changes) => {
        passed = next(changes);
        return new ScopedEmission(passed);
      });
      return returned instanceof ScopedEmission ? passed : returned;
    };
  }
}
