import type { DeadLetters, InspectedEvent } from '../../core/index.js';
import { letterFound } from './call-notes.js';
import { HISTORY_RESERVE, type Recorder } from './recorder.js';
import { STORED } from './status.js';

/** What stands for the node of an event that was read from the store, which does not tell. */
export const STORE_NODE = '(store)';

/** The part of a bus that stored events are read from. */
export interface RememberingBus {
  history(query: {
    readonly order: 'desc';
    readonly limit: number;
  }): AsyncIterable<{ readonly offset: number; readonly event: InspectedEvent }>;
  /** What was not handled; tried again and discarded in the panel, the one thing that it does to the bus. */
  readonly deadLetters: DeadLetters;
}

/**
 * Puts the last stored events before those the recorder has seen; a bus without a store has none. Resolves with how
 * many there were.
 */
export async function loadHistory(recorder: Recorder, bus: RememberingBus, limit: number): Promise<number> {
  const stored: { readonly offset: number; readonly event: InspectedEvent }[] = [];
  try {
    for await (const each of bus.history({ order: 'desc', limit: Math.min(limit, HISTORY_RESERVE) })) stored.push(each);
  } catch {
    // No store, or one that cannot be read: the bus tells its application of that.
  }
  const { events, chains, types, sources } = recorder;
  chains.update();
  // Events that were emitted meanwhile are stored too.
  const missing = stored.filter(({ event }) => chains.find(event.id) === undefined);
  const node = recorder.nodes.indexOf(STORE_NODE);
  let loaded = 0;
  for (const { offset, event } of missing) {
    const [type, source] = [types.indexOf(event.type), sources.indexOf(event.source)];
    const sequence = events.prepend({ at: event.timestamp, event, type, source, node, transport: 0 });
    if (sequence === undefined) break;
    events.status[sequence & events.mask] = STORED;
    events.offset[sequence & events.mask] = offset;
    loaded++;
  }
  await findLetters(recorder, bus);
  if (loaded > 0) recorder.changes.touch();
  return loaded;
}

/** Marks the events in the log that have left dead letters before. */
async function findLetters(recorder: Recorder, { deadLetters }: RememberingBus): Promise<void> {
  try {
    const letters = await deadLetters.list();
    recorder.chains.update();
    for (const letter of letters) {
      const sequence = recorder.chains.find(letter.event.id);
      if (sequence !== undefined) letterFound(recorder, sequence, letter);
    }
    if (letters.length > 0) recorder.changes.touch();
  } catch {
    // As above.
  }
}
