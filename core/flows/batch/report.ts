import type { ScopeFailures } from '../failures/scope-failures.js';
import type { BatcherOptions, FailedBatch } from './options.js';

/** Tells whoever wants to know of a batch that was given up, else the bus; that fails nobody, later neither. */
export function report(failures: ScopeFailures, onFailed: BatcherOptions['onFailed'], failed: FailedBatch): void {
  try {
    if (onFailed === undefined) throw failed.error;
    const returned: unknown = onFailed(failed);
    if (returned instanceof Promise) returned.catch((error: unknown) => failures.add(error));
  } catch (error) {
    failures.add(error);
  }
}
