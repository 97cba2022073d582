import { patternKey } from '../event/pattern.js';
import type { Registration } from './subscription.js';

/** Live subscriptions with one pattern, or list of patterns. */
export interface PatternUse {
  /** A list is sorted, and joined by spaces. */
  readonly pattern: string;
  readonly count: number;
  /** Where they were made, most first; empty unless the bus has `traceSubscriptions`. */
  readonly sites: readonly SubscriptionSite[];
}

/** A line of the program that subscribes. */
export interface SubscriptionSite {
  /** The frame of the stack as the engine writes it. */
  readonly at: string;
  readonly count: number;
}

/** Counts subscriptions by pattern and by where they were made, most first. */
export function reportPatterns(
  registrations: readonly Registration[],
  siteOf: (registration: Registration) => string | undefined,
): readonly PatternUse[] {
  const uses = new Map<string, { count: number; readonly sites: Map<string, number> }>();
  for (const registration of registrations) {
    const pattern = patternKey(registration.pattern);
    const use = uses.get(pattern) ?? { count: 0, sites: new Map() };
    uses.set(pattern, use);
    use.count++;
    const at = siteOf(registration);
    if (at !== undefined) use.sites.set(at, (use.sites.get(at) ?? 0) + 1);
  }
  return [...uses]
    .map(([pattern, { count, sites }]) => ({
      pattern,
      count,
      sites: [...sites].map(([at, count]) => ({ at, count })).sort(mostFirst),
    }))
    .sort(mostFirst);
}

function mostFirst(a: { readonly count: number }, b: { readonly count: number }): number {
  return b.count - a.count;
}
