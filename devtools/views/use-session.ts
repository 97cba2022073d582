import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react';
import type { Session, Snapshot } from '../model/session.js';

/** What the session shows in this frame. */
export function useSnapshot(session: Session): Snapshot {
  return useSyncExternalStore(session.subscribe, session.getSnapshot, session.getSnapshot);
}

/** Renders again after changes, but not more often than every so many ms: for what is costly to put together. */
export function useSlowVersion(session: Session, everyMs = 250): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = session.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setVersion((last) => last + 1);
      }, everyMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, everyMs]);
  return version;
}

/** Whether an element is narrower than so many pixels. */
export function useIsNarrow(element: RefObject<Element | null>, below: number): boolean {
  const [isNarrow, setIsNarrow] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(() => setIsNarrow(target.clientWidth > 0 && target.clientWidth < below));
    observer.observe(target);
    return () => observer.disconnect();
  }, [element, below]);
  return isNarrow;
}
