/** How often each mutant, by its id, was reached. */
export type Hits = Record<string, number>;

/** The object that instrumented code reads and writes: which mutant is active, and which were reached by which test. */
interface Instrumentation {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number | undefined;
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> };
}

declare global {
  var __stryker__: Instrumentation | undefined;
}

globalThis.__stryker__ ??= {};
export const instrumentation: Instrumentation = globalThis.__stryker__;
