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
  readonly #holding = new Set<Hold>();

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

  /** Resolves when no event waits for any of it. */
  settled(): Promise<unknown> {
    return Promise.all([...this.#holding].map(({ over }) => over));
  }

  /** Lets go of the events that wait for it: they go no further, as it has not said that they may. */
  abandon(reason: unknown): void {
    for (const { refuse } of this.#holding) refuse(reason);
  }

  #own(middleware: Middleware): Middleware {
    return (event, next) => {
      if (!this.#meets(event.type)) return next();
      let passed: Emission | undefined;
      let hold: Hold | undefined;
      const returned = middleware(event, (changes) => {
        passed = next(changes);
        hold?.end();
        return new ScopedEmission(passed);
      });
      if (returned instanceof ScopedEmission) return passed;
      if (passed !== undefined || typeof (returned as { then?: unknown } | null)?.then !== 'function') return returned;
      hold = this.#hold(returned);
      return hold.outcome;
    };
  }

  #hold(returned: unknown): Hold {
    let refuse!: Hold['refuse'];
    let ended!: () => void;
    const over = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const outcome = new Promise((resolve, reject) => {
      refuse = reject;
      void Promise.resolve(returned).then(resolve, reject);
    });
    const hold: Hold = {
      outcome,
      refuse,
      over,
      end: () => {
        this.#holding.delete(hold);
        ended();
      },
    };
    this.#holding.add(hold);
    outcome.then(hold.end, hold.end);
    return hold;
  }
}

/** An event that waits for a middleware. */
interface Hold {
  readonly outcome: Promise<unknown>;
  readonly refuse: (reason: unknown) => void;
  /** Resolves when the event has gone on, or the middleware is over. */
  readonly over: Promise<void>;
  readonly end: () => void;
}
