import type { Package } from './package.js';

/** What a case uses that some runtimes lack, somewhere or altogether. */
export type Need =
  | 'timers'
  | 'randomness'
  | 'clock'
  | 'BroadcastChannel'
  | 'ports over ports'
  | 'IndexedDB'
  | 'Symbol.dispose';

/** One thing the built package must do in every runtime; it throws when the package does not do it. */
export interface RuntimeCase {
  /** Begins with the rule of docs/SPEC.md it shows, where there is one. */
  readonly name: string;
  readonly needs?: readonly Need[];
  run(crosstown: Package): void | Promise<void>;
}

/** What a host has found out, in a form that crosses to the driver. */
export interface Report {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}
