/** What a store does when the page it lives in may end. */
export interface PageLife {
  /** The page is hidden or frozen: it may be ended without a word. */
  readonly hidden: () => void;
  /** The page is left: only what is done at once is done. */
  readonly left: () => void;
  /** The page is back from the cache. */
  readonly back: () => void;
}

/** Watches the page until the returned function is called; in a worker there is none to watch. */
export function watchPage(life: PageLife): () => void {
  if (typeof document === 'undefined') return () => {};
  const watching = new AbortController();
  const { signal } = watching;
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && life.hidden(), {
    signal,
  });
  document.addEventListener('freeze', life.hidden, { signal });
  addEventListener('pagehide', life.left, { signal });
  addEventListener('pageshow', life.back, { signal });
  return () => watching.abort();
}
