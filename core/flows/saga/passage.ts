import {
  BusClosedError,
  CrosstownError,
  type Emission,
  type EmitResult,
  QueueFullError,
  ScopeClosedError,
  type StoredRef,
  StoreError,
} from '../../index.js';

const DROPPED = 'SAGA_EVENT_DROPPED';

/**
 * Resolves when an event is stored, with `undefined` when it is on its way without that. Rejects when it will reach
 * nobody, as it was vetoed, refused or dropped, or could not be stored.
 */
export async function passage(emission: Emission): Promise<StoredRef | undefined> {
  const results: EmitResult[] = [];
  // Of what goes no further there is a result before `persisted` resolves; that of the others waits for their handlers.
  void emission.then((result) => results.push(result));
  const ref = await emission.persisted;
  const [result] = results;
  if (ref !== undefined || result === undefined || result.status === 'delivered' || result.status === 'cancelled') {
    return ref;
  }
  const { event, status, vetoedBy, failures } = result;
  const by = vetoedBy === undefined ? '' : ` by "${vetoedBy}"`;
  const code = status === 'dropped' ? DROPPED : 'SAGA_EVENT_LOST';
  throw failures[0]?.error ?? new CrosstownError(code, `"${event.type}" was ${status}${by}`, 'Let it pass');
}

/** Whether an error says nothing of the event: the same may go another time. */
export function isOfTheBus(error: unknown): boolean {
  if (error instanceof CrosstownError && error.code === DROPPED) return true;
  return [QueueFullError, ScopeClosedError, BusClosedError, StoreError].some((kind) => error instanceof kind);
}
