import { InvalidOptionError } from '../../index.js';

/** How much of the log is kept; what is older goes, as soon as one of these is exceeded. */
export interface RetentionOptions {
  /** How old an event may become, by its timestamp. No limit by default. */
  readonly maxAgeMs?: number;
  /** How many events are kept. No limit by default. */
  readonly maxEvents?: number;
  /**
   * How many bytes they take, roughly. 50 MB by default, or a tenth of what the browser grants where that is less: a log
   * that has used up the space cannot be written at all, and for a while not even after it was trimmed.
   */
  readonly maxBytes?: number;
}

/** What the log must not exceed; `Infinity` where nothing was said. */
export type Limits = Required<RetentionOptions>;

const DEFAULT_BYTES = 50_000_000;
const SHARE_OF_QUOTA = 0.1;

/** @throws InvalidOptionError */
export function checkRetention(retention: RetentionOptions): void {
  for (const option of ['maxAgeMs', 'maxEvents', 'maxBytes'] as const) {
    const value: unknown = retention[option];
    if (value !== undefined && !(typeof value === 'number' && value > 0)) {
      throw new InvalidOptionError(`retention.${option}`, value, 'a number above 0');
    }
  }
}

/** Asks the browser what it grants, so once is enough. */
export async function limitsOf({
  maxAgeMs = Number.POSITIVE_INFINITY,
  maxEvents = Number.POSITIVE_INFINITY,
  maxBytes,
}: RetentionOptions): Promise<Limits> {
  return { maxAgeMs, maxEvents, maxBytes: maxBytes ?? Math.min(DEFAULT_BYTES, await shareOfQuota()) };
}

async function shareOfQuota(): Promise<number> {
  try {
    const { quota = Number.POSITIVE_INFINITY } = await navigator.storage.estimate();
    return quota * SHARE_OF_QUOTA;
  } catch {
    // Some browsers do not tell, and none outside of a secure context.
    return Number.POSITIVE_INFINITY;
  }
}
