import { type RefObject, useCallback, useRef, useState } from 'react';
import type { LiveMatches } from '../../model/live-matches.js';

/** How a list that grows at its end and is eaten at its beginning stays where the reader is. */
export interface Tail {
  /** Whether the list moves with its end. */
  readonly isFollowing: boolean;
  /** Rows at the beginning that were evicted since the reader stopped following: they keep their place, empty. */
  readonly missing: number;
  /** Matches that came since then. */
  readonly unseen: number;
  follow(): void;
  stay(): void;
  readonly onScroll: () => void;
  /** Goes to the end if the reader follows it; to be called after every render that may have moved it. */
  pin(rows: number, viewport: number): void;
}

const nowhere = { rows: -1, viewport: 0, top: 0, height: 0 };

/** Follows the end of the matches until the reader scrolls away from it, and again when the reader comes back. */
export function useTail(scroller: RefObject<HTMLElement | null>, matches: LiveMatches, rowHeight: number): Tail {
  const [place, setPlace] = useState<{ readonly dropped: number; readonly seen: number } | undefined>(undefined);
  const following = useRef(true);
  following.current = place === undefined;
  /** Where the end was when it was last gone to. */
  const end = useRef(nowhere);

  const follow = useCallback(() => {
    following.current = true;
    end.current = nowhere;
    setPlace(undefined);
  }, []);
  const stay = useCallback(() => {
    if (!following.current) return;
    following.current = false;
    setPlace({ dropped: matches.dropped, seen: matches.dropped + matches.count });
  }, [matches]);
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const below = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (below > rowHeight) stay();
    else if (below <= 1) follow();
  }, [scroller, rowHeight, follow, stay]);

  const pin = (rows: number, viewport: number): void => {
    const element = scroller.current;
    const last = end.current;
    if (element === null || !following.current) return;
    // Nothing has moved the end; to ask the element would lay it out at once.
    if (last.rows === rows && last.viewport === viewport) return;
    // Scrolled up by the reader, whose event is still to come.
    if (element.scrollTop < last.top - 1 && element.scrollHeight >= last.height) return;
    element.scrollTop = element.scrollHeight;
    end.current = { rows, viewport, top: element.scrollTop, height: element.scrollHeight };
  };

  return {
    isFollowing: place === undefined,
    missing: place === undefined ? 0 : Math.max(0, matches.dropped - place.dropped),
    unseen: place === undefined ? 0 : Math.max(0, matches.dropped + matches.count - place.seen),
    follow,
    stay,
    onScroll,
    pin,
  };
}
