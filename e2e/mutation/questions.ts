import type { DryRunResult, MutantRunResult } from '@stryker-mutator/api/test-runner';

/** From Stryker's process to the worker. */
export type Question =
  | { readonly ask: 'tests' }
  | ({ readonly ask: 'mutant' } & MutantQuestion)
  | { readonly ask: 'close' };

export interface MutantQuestion {
  /** Its id. */
  readonly mutant: string;
  /** The file it is in. */
  readonly source: string;
  /** Ids of the tests that reach it; undefined for one that was active when the kernel was loaded. */
  readonly tests: readonly string[] | undefined;
}

export interface Verdict {
  readonly verdict: MutantRunResult;
  /** Whether the test that killed the mutant fails without it too, as this mutant or one before spoilt the worker. */
  readonly isSpoilt: boolean;
}

/** What comes back: `open` when the worker is ready, `alive` before each test, then what was asked for. */
export type Answer =
  | { readonly open: true }
  | { readonly alive: true }
  | { readonly error: string }
  | DryRunResult
  | Verdict;
