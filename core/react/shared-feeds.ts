import type { EventScope } from '../index.js';
import { EventFeed, type FeedQuery } from './event-feed.js';

/** How many feeds that nobody uses may be remembered: those of renders that React gave up. */
const MOST_UNUSED = 1000;

const feedsOf = new WeakMap<EventScope, Map<string, EventFeed>>();

/**
 * The feed that components of one bus have in common, so that what is mounted later shows what the others show. Making
 * one is nothing that anybody notices; it begins when it is followed.
 */
export function sharedFeed(bus: EventScope, query: FeedQuery): EventFeed {
  const feeds = feedsOf.get(bus) ?? new Map<string, EventFeed>();
  feedsOf.set(bus, feeds);
  const key = JSON.stringify([query.pattern, query.limit, query.fromStore]);
  const found = feeds.get(key);
  if (found !== undefined) return found;
  if (feeds.size > MOST_UNUSED) for (const [other, feed] of feeds) if (!feed.isUsed) feeds.delete(other);
  const made = new EventFeed(bus, query, (feed, isUsed) => {
    if (!isUsed && feeds.get(key) === feed) feeds.delete(key);
    else if (isUsed && !feeds.has(key)) feeds.set(key, feed);
  });
  feeds.set(key, made);
  return made;
}
