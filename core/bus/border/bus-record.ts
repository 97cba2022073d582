import type { Clock } from '../clock.js';
import type { EventRecord } from '../event/event.js';
import { uuidv7 } from '../event/id.js';

/** What a record of the bus's own says of its sender. */
export interface SenderParts {
  readonly nodeId: () => string;
  readonly source: string;
  readonly clock: Clock;
}

/** A record of the bus's own, which no handler sees; `seq` is that of the last record it follows. */
export function busRecord(
  { nodeId, source, clock }: SenderParts,
  type: `$${string}`,
  seq: number,
  data: unknown,
  cause?: { readonly id: string; readonly correlationId: string },
): EventRecord {
  const timestamp = clock.now();
  const id = uuidv7(timestamp, 0);
  return {
    v: 1,
    id,
    type,
    timestamp,
    source,
    correlationId: cause?.correlationId ?? id,
    ...(cause && { causationId: cause.id }),
    data,
    metadata: {},
    priority: 0,
    node: nodeId(),
    seq,
  };
}
