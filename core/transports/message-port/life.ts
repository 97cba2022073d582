/** What a node that is there holds, for those of its origin to see; the platform lets go of it for one that crashed. */
const lockOf = (word: string): string => `crosstown:${word}`;

/**
 * Absent where the origin is not secure, and not used where a lock that is waited for keeps the process alive: in Node,
 * which says when a port closes, and in Deno.
 */
const locks = (): LockManager | undefined =>
  'unref' in MessagePort.prototype ? undefined : globalThis.navigator?.locks;

/** Shows that a node is there until the signal aborts; resolves when others can see it, or where nobody ever will. */
export function showLife(word: string, signal: AbortSignal): Promise<void> {
  return new Promise((shown) => {
    const hold = (): Promise<unknown> => {
      shown();
      return new Promise((done) => signal.addEventListener('abort', done));
    };
    // A sandboxed page has locks and may not use them.
    (locks()?.request(lockOf(word), hold) ?? Promise.resolve()).then(() => shown(), shown);
  });
}

/** Calls `gone` when a node is no longer there, if it can be seen from here at all. */
export async function watchLife(word: string, signal: AbortSignal, gone: () => void): Promise<void> {
  const found = await locks()
    ?.request(lockOf(word), { ifAvailable: true }, (lock) => lock === null)
    .catch(() => false);
  if (found !== true || signal.aborted) return;
  await locks()
    ?.request(lockOf(word), { signal }, () => signal.aborted || gone())
    .catch(() => {});
}
