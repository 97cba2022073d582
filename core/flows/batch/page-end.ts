/**
 * Calls `act` whenever the page may be about to end, until the returned function is called: when it is hidden, which is
 * the last that a page on a phone may be told, and when it is left. Nothing where there is no page.
 */
export function onPageEnd(act: () => void): () => void {
  if (typeof document === 'undefined') return () => {};
  const watching = new AbortController();
  const { signal } = watching;
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') act();
  };
  document.addEventListener('visibilitychange', hidden, { signal });
  // While it is captured: before the store hears that the page is left, and waits for nothing more.
  addEventListener('pagehide', act, { signal, capture: true });
  return () => watching.abort();
}
