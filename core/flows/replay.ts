import type { EventBus, EventMap, EventOf, HistoryQuery, Pattern } from '../index.js';
import type { ReplayOptions } from './replay/options.js';
import type { ReplayProgress } from './replay/progress.js';
import { ReplayRun } from './replay/run.js';

export type { ReplayOptions } from './replay/options.js';
export type { ReplaySpeed } from './replay/pace.js';
export type { ReplayProgress } from './replay/progress.js';

/**
 * Has events of the past handled again: reads them from the bus's store and gives them to handlers, in order of offset,
 * each when the one before it has settled. They are as they were, with `metadata.replayed === true` beside what was in
 * their metadata. They meet neither schemas nor middleware, never expire, answer no request, and are neither stored nor
 * sent unless that is asked for. A handler that fails is counted, reported and leaves a dead letter as ever, and the
 * replay goes on.
 *
 * What handlers emit meanwhile are new events: one that sends mail, or emits what others act on, looks at
 * `event.metadata.replayed` first.
 *
 * It ends with the newest event that is committed when it begins; what is trimmed before its turn is not there. Where the
 * bus has no room it waits until there is. Resolves with how it went. Rejects with the signal's reason, a
 * `BusClosedError` when the bus closes, what the store rejects with, or what `filter` or `onProgress` throws; the last
 * progress says how far it came, and its `offset`, as `after`, where to go on. As all timers of a bus, those of `speed`
 * keep no process alive.
 *
 * @throws BusClosedError, InvalidOptionError, InvalidPatternError, StoreError, as rejections
 * @example
 * const { replayed, failed } = await replay(bus, { pattern: 'order.*', since: monday, to: ['analytics'] });
 */
export async function replay<M extends EventMap<M>, const P extends Pattern<M> = '**'>(
  bus: EventBus<M>,
  options: ReplayOptions<EventOf<M, P>> & { readonly pattern?: P | readonly P[] } = {},
): Promise<ReplayProgress> {
  const run = new ReplayRun(
    bus as unknown as EventBus,
    options as unknown as ReplayOptions & Pick<HistoryQuery, 'pattern'>,
  );
  return run.toEnd();
}
