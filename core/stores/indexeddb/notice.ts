import type { StoreError } from '../../index.js';

/** What happens to a log beside what it is asked for. */
export type StoreNotice =
  /** The oldest events went, up to the offset `floor`: a limit was exceeded, or the space used up. */
  | { readonly kind: 'trimmed'; readonly floor: number; readonly events: number; readonly bytes: number }
  /** The space is used up: events are handled and not stored, and `persisted` rejects, until `writable`. */
  | { readonly kind: 'full'; readonly error: StoreError }
  /** Events are stored again. */
  | { readonly kind: 'writable' };
