import type { Registration } from './subscription.js';

type Method = (...args: unknown[]) => unknown;

/** Remembers where subscriptions are made: at the call of a public method, however many of the bus's own are behind it. */
export class SubscriptionSites {
  readonly #sites = new WeakMap<Registration, string>();
  #site: string | undefined;

  /** Puts methods of its own over those of `host` that subscribe. */
  watch(host: object, names: readonly string[]): void {
    for (const name of names) {
      const method = Reflect.get(host, name) as Method;
      const watched: Method = (...args) => {
        const before = this.#site;
        this.#site ??= callSite(watched);
        try {
          return method.apply(host, args);
        } finally {
          this.#site = before;
        }
      };
      Object.defineProperty(host, name, { value: watched });
    }
  }

  /** Says that the call under way made this registration; what observers of it subscribe is made by them. */
  made(registration: Registration): void {
    if (this.#site !== undefined) this.#sites.set(registration, this.#site);
    this.#site = undefined;
  }

  readonly of = (registration: Registration): string | undefined => this.#sites.get(registration);
}

interface StackCapture {
  captureStackTrace?(holder: object, above: unknown): void;
}

/**
 * The frame that called `called`, as the engine writes it. Frames are not told apart by file names: a bundler puts the
 * program and the bus into one file, and a minifier renames everything.
 */
export function callSite(called: unknown): string | undefined {
  const holder: { stack?: unknown } = {};
  const { captureStackTrace } = Error as StackCapture;
  if (captureStackTrace !== undefined) {
    captureStackTrace(holder, called);
    return frames(holder.stack)[0];
  }
  // Engines without it: this function and the one it was called by come first.
  return frames(new Error().stack)[2];
}

/** Lines with a position: not the header that some engines begin with, nor what is native to the engine. */
function frames(stack: unknown): string[] {
  // A program may have its own Error.prepareStackTrace, which returns anything.
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .filter((line) => /:\d+\)?$/.test(line))
    .map((line) => line.trim().replace(/^at /, ''));
}
