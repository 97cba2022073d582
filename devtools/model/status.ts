/** What became of an event on this node, as numbers for a column; the greater of two is the one that is shown. */
export const PENDING = 0;
export const STORED = 1;
export const UNHEARD = 2;
export const OK = 3;
export const CANCELLED = 4;
export const EXPIRED = 5;
export const VETOED = 6;
export const DROPPED = 7;
export const ERROR = 8;

/**
 * The names of the statuses, by number. `pending`: handlers are running; `stored`: read from the store, so its handlers
 * ran before the panel looked; `unheard`: nobody handles it here; `expired`: older than its `ttlMs` when its turn came;
 * `vetoed`: by a middleware or schema; `dropped`: refused by or at a border, or there was no room for it in a queue;
 * `error`: a handler failed for good.
 */
export const statusNames = [
  'pending',
  'stored',
  'unheard',
  'ok',
  'cancelled',
  'expired',
  'vetoed',
  'dropped',
  'error',
] as const;

export type StatusName = (typeof statusNames)[number];

export function statusName(status: number): StatusName {
  return statusNames[status] ?? 'pending';
}

/** What a bus says when an event has settled, as one number. */
export function settledStatus(status: string, delivered: number, failures: number): number {
  // Where a veto was a failure, of a middleware or a schema, nobody else has failed.
  if (status === 'vetoed') return VETOED;
  if (failures > 0) return ERROR;
  if (status === 'dropped') return DROPPED;
  if (status === 'expired') return EXPIRED;
  if (status === 'cancelled') return CANCELLED;
  return delivered === 0 ? UNHEARD : OK;
}
