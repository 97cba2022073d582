import { DepthLimitError } from '../errors.js';

/** How many types of a chain that is too long are named: enough to see what repeats. */
const SHOWN = 12;

/** Where an event stands in a chain of events that were emitted by handlers of one another; a root has none. */
export interface Lineage {
  /** Type of the event before it. */
  readonly parentType: string;
  readonly parent: Lineage | undefined;
  /** How many events came before it. */
  readonly depth: number;
  /** Whether a report of a failure is among them: what fails then is not reported again (F4). */
  readonly ofError: boolean;
  /** Whether the event before it was in flight when this one was emitted (Q1). */
  readonly fromFlight: boolean;
}

/** @throws DepthLimitError, which names the end of the chain. */
export function assertDepth(lineage: Lineage, type: string, limit: number): void {
  if (lineage.depth < limit) return;
  const chain = [type];
  for (let at: Lineage | undefined = lineage; at !== undefined && chain.length < SHOWN; at = at.parent) {
    chain.unshift(at.parentType);
  }
  throw new DepthLimitError(limit, chain);
}
