import { CrosstownError, StoreError } from '../../index.js';

/** Whether the connection is gone rather than the work refused: on a new connection the same may well succeed. */
export function isConnectionLost(error: unknown): boolean {
  // A store process that crashed shows as UnknownError in Safari and as AbortError in Chrome.
  return error instanceof DOMException && /^(InvalidState|Unknown|Abort)Error$/.test(error.name);
}

/** Whether the browser gives no more space. */
export function isOutOfSpace(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

/** The platform's error as a `StoreError` that says what to do; an error of the bus stays as it is. */
export function storeFailure(store: string, operation: string, cause: unknown): CrosstownError {
  if (cause instanceof CrosstownError) return cause;
  return new StoreError(store, operation, remedy(cause), cause);
}

function remedy(cause: unknown): string {
  switch (cause instanceof DOMException ? cause.name : '') {
    case 'QuotaExceededError':
      return 'The space the browser gives is used up: delete data of this origin, or store fewer events';
    case 'VersionError':
      return 'A newer release has been here: reload the page to get it';
    case 'SecurityError':
    case 'InvalidStateError':
    case 'NotAllowedError':
    case 'UnknownError':
      return 'A private window or a setting may forbid IndexedDB: allow site data, or use memoryStore()';
    default:
      return 'Look at its cause';
  }
}
