import { DepthLimitError } from '../errors.js';
import { EventEnvelope, type Instant } from '../event/event.js';
import type { LiveEmission } from './delivery.js';

/** How many types of a chain that is too long are named: enough to see what repeats. */
const SHOWN = 12;

/** A link that took longer begins a new chain. */
const LONG_LINK_MS = 1000;

/** So does one too many, when the links before it took longer on average: what runs away is faster than what ticks. */
const LINK_MS = 10;

/** Where an event stands in a chain of events that were emitted by handlers of one another; a root has none. */
export interface Lineage {
  /** Type of the event before it. */
  readonly parentType: string;
  /** That of the event before it, as long as it may have to be named. */
  readonly parent: Lineage | undefined;
  /** When the event was emitted: a timestamp may have been given to it. */
  readonly at: Instant;
  /** When the chain had its second event. */
  readonly since: Instant;
  /** How many events of its chain came before it. */
  readonly depth: number;
  /** Whether a report of a failure is among them: what fails then is not reported again (F4). */
  readonly ofError: boolean;
  /** Whether the event before it was in flight when this one was emitted (Q1). */
  readonly fromFlight: boolean;
}

/**
 * The lineage of an event of `type` emitted `now` by a handler of `parent`, before its first pause or later.
 *
 * @throws DepthLimitError, which names the end of the chain.
 */
export function childLineage(
  type: string,
  { event, lineage, settled }: LiveEmission,
  now: Instant,
  isLater: boolean,
  limit: number,
): Lineage {
  const depth = (lineage?.depth ?? 0) + 1;
  const since = depth > 1 ? (lineage?.since ?? now) : now;
  const isLong = now.ms - (lineage?.at.ms ?? event.timestamp) > LONG_LINK_MS;
  const isNew = isLong || (depth >= limit && now.ms - since.ms > LINK_MS * depth);
  const child: Lineage = {
    parentType: event.type,
    parent: isNew || depth < limit - SHOWN ? undefined : lineage,
    at: now,
    since: isNew ? now : since,
    depth: isNew ? 0 : depth,
    ofError: EventEnvelope.isOfError(event) || lineage?.ofError === true,
    fromFlight: !isLater || !settled,
  };
  if (child.depth >= limit && type !== 'error.occurred') throw new DepthLimitError(limit, lastTypes(child, type));
  return child;
}

function lastTypes(lineage: Lineage, type: string): string[] {
  const chain = [type];
  let at: Lineage | undefined = lineage;
  for (; at !== undefined && at.depth > 0 && chain.length < SHOWN; at = at.parent) chain.unshift(at.parentType);
  return chain;
}
