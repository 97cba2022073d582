/** One thing that a store or transport must do, for any test runner. */
export interface ConformanceCase {
  /** A sentence, after the id of the rule it is about. */
  readonly name: string;
  /** Rejects with what was expected and what came instead. */
  readonly run: () => Promise<void>;
}
