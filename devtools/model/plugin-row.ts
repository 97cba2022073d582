import type { HandlerRecord } from './handler-book.js';
import type { PluginEntry } from './plugin-book.js';
import type { Recorder } from './recorder.js';

/** A plugin and what it has done, at one moment. */
export interface PluginRow extends PluginEntry {
  readonly name: string;
  /** Its handlers that are subscribed, as far as the panel knows. */
  readonly handlers: number;
  /** Its events that are in the log. */
  readonly emitted: number;
  /** Calls of its handlers, and those that failed. */
  readonly calls: number;
  readonly failures: number;
  /** What it wanted and may not. */
  readonly refused: number;
}

/** Reads the plugins of the watched bus; the log is read once for all of them, and events count nothing for it. */
export function readPlugins(recorder: Recorder): readonly PluginRow[] {
  const entries = recorder.plugins.all;
  if (entries.length === 0) return [];
  const emitted = emittedHere(recorder);
  return entries.map((entry) => {
    const { name } = entry.info;
    const handlers = handlersOf(recorder, name);
    return {
      ...entry,
      name,
      handlers: sum(handlers, ({ live }) => live),
      emitted: emitted.get(name) ?? 0,
      calls: sum(handlers, ({ calls }) => calls),
      failures: sum(handlers, ({ failures }) => failures),
      refused: sum(recorder.refusals.of(name), ({ count }) => count),
    };
  });
}

/** The handlers that were subscribed through a scope of the watched bus. */
export function handlersOf({ handlers }: Recorder, scope: string): readonly HandlerRecord[] {
  return handlers.all.filter((one) => one.node === 0 && one.scope === scope);
}

/** Events in the log that were emitted on this node, by source. */
function emittedHere({ events, sources }: Recorder): ReadonlyMap<string, number> {
  const counts = new Uint32Array(sources.size);
  for (let sequence = events.tail; sequence < events.head; sequence++) {
    const slot = sequence & events.mask;
    if (events.node[slot] !== 0) continue;
    const source = events.source[slot] as number;
    counts[source] = (counts[source] as number) + 1;
  }
  return new Map(Array.from(counts, (count, source) => [sources.at(source), count]));
}

function sum<T>(list: readonly T[], number: (one: T) => number): number {
  return list.reduce((total, one) => total + number(one), 0);
}
