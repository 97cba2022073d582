import { DepthLimitError } from '../errors.js';
import type { LiveEmission } from './delivery.js';

/** How many types of a chain that is too long are named: enough to see what repeats. */
const SHOWN = 12;

/** A link that took longer begins a new chain: what runs away is faster, what comes regularly is slower. */
const LINK_MS = 1000;

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

/**
 * The lineage of an event of `type` emitted by a handler of `parent`: before its first pause, or at `laterAt`.
 *
 * @throws DepthLimitError, which names the end of the chain.
 */
export function childLineage(type: string, parent: LiveEmission, laterAt: number | undefined, limit: number): Lineage {
  const { event, lineage } = parent;
  const before = laterAt !== undefined && laterAt - event.timestamp > LINK_MS ? undefined : lineage;
  const child: Lineage = {
    parentType: event.type,
    parent: before,
    depth: before === undefined ? 1 : before.depth + 1,
    ofError: event.type === 'error.occurred' || lineage?.ofError === true,
    fromFlight: laterAt === undefined || !parent.settled,
  };
  if (child.depth >= limit && type !== 'error.occurred') throw new DepthLimitError(limit, lastTypes(child, type));
  return child;
}

function lastTypes(lineage: Lineage, type: string): string[] {
  const chain = [type];
  for (let at: Lineage | undefined = lineage; at !== undefined && chain.length < SHOWN; at = at.parent) {
    chain.unshift(at.parentType);
  }
  return chain;
}
