import type { Delivery, EventOf, EventScope, Pattern } from 'crosstown';
import type { AppEvents } from './events.js';

/**
 * Applies every stored event of some patterns, then every new one as it comes: what a plugin's state is made of.
 *
 * The subscription is there before history is read, and what arrives meanwhile waits; an event that was both read and
 * received is applied once. `delivery` is undefined for an event of the past: it is to be known, not to be acted on.
 */
export function follow<const P extends Pattern<AppEvents>>(
  scope: EventScope<AppEvents>,
  patterns: readonly P[],
  apply: (event: EventOf<AppEvents, P>, delivery: Delivery<AppEvents> | undefined) => void,
  options: { readonly name: string; readonly caughtUp?: () => void },
): () => void {
  const past = new Set<string>();
  let waiting: (() => void)[] | undefined = [];
  const off = scope.on(
    patterns,
    function followLive(event, delivery) {
      const applyOnce = (): void => {
        if (!past.has(event.id)) apply(event, delivery);
      };
      if (waiting === undefined) applyOnce();
      else waiting.push(applyOnce);
    },
    { name: options.name },
  );

  const catchUp = async (): Promise<void> => {
    try {
      for await (const { event } of scope.history({ pattern: patterns })) {
        if (!off.active) return;
        past.add(event.id);
        apply(event, undefined);
      }
    } catch (error) {
      // Without its past a plugin starts empty and goes on: the shop stays open, and says so.
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (off.active) scope.emit('shop.failed', { stage: 'history', name, message }, { local: true });
    }
    if (!off.active) return;
    const missed = waiting ?? [];
    waiting = undefined;
    for (const applyOnce of missed) applyOnce();
    options.caughtUp?.();
  };
  void catchUp();
  return off;
}
