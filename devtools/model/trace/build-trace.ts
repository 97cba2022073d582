import { type HandlerRun, readRow, readRuns, remoteRuns } from '../event-row.js';
import type { PanelNode } from '../nodes.js';
import type { Recorder } from '../recorder.js';
import { type StatusName, statusName } from '../status.js';

/** One event of a chain, with what it set off. */
export interface TraceEvent {
  readonly id: string;
  /** Its place in the log; undefined when only its own node has told of it. */
  readonly sequence: number | undefined;
  readonly type: string;
  readonly source: string;
  /** The node it was emitted on. */
  readonly node: PanelNode;
  /** When it was emitted there, epoch ms. */
  readonly at: number;
  readonly status: StatusName;
  readonly causationId: string | undefined;
  /** Calls of its handlers on all nodes, in order of their start. */
  readonly runs: readonly HandlerRun[];
  /** Causes between this event and the beginning of its chain. */
  readonly depth: number;
}

/** A chain of events with one correlation id. */
export interface Trace {
  readonly correlationId: string;
  /** Causes before effects, in order of time. */
  readonly events: readonly TraceEvent[];
  /** Events of the chain that are left out, as there are too many. */
  readonly omitted: number;
  readonly start: number;
  /** When the last handler that has settled did so; no earlier than the last emit. */
  readonly end: number;
  readonly nodes: readonly PanelNode[];
  /** Calls that failed and were not made again; those that were are counted as retries. */
  readonly failures: number;
  readonly retries: number;
  readonly isRunning: boolean;
}

type Found = Omit<TraceEvent, 'depth'>;

/** Puts a chain together from the log and from what other nodes have told. */
export function buildTrace(recorder: Recorder, correlationId: string, limit = 1000): Trace {
  const logged = recorder.chains.chain(correlationId, limit).map((sequence) => fromLog(recorder, sequence));
  const known = new Set(logged.map((event) => event?.id));
  const told = recorder.remote
    .chain(correlationId)
    .filter((id) => !known.has(id))
    .slice(0, limit)
    .map((id) => fromOthers(recorder, id));
  const found = [...logged, ...told].filter((event) => event !== undefined);
  const events = inCausalOrder(found);
  const runs = events.flatMap((event) => event.runs);
  const nodes = new Map([...events, ...runs].map(({ node }) => [node.index, node]));
  return {
    correlationId,
    events,
    omitted: Math.max(0, recorder.chains.chainLength(correlationId) - limit),
    start: events.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY),
    end: lastMoment(events, runs),
    nodes: [...nodes.values()].sort((a, b) => a.index - b.index),
    failures: runs.filter(({ outcome, retryInMs }) => outcome === 'failed' && retryInMs === undefined).length,
    retries: runs.filter(({ retryInMs }) => retryInMs !== undefined).length,
    isRunning: runs.some(({ outcome }) => outcome === 'running'),
  };
}

function lastMoment(events: readonly TraceEvent[], runs: readonly HandlerRun[]): number {
  const emitted = events.reduce((last, { at }) => Math.max(last, at), 0);
  return runs.reduce((last, { start, durationMs }) => Math.max(last, start + (durationMs ?? 0)), emitted);
}

function fromLog(recorder: Recorder, sequence: number): Found | undefined {
  const row = readRow(recorder, sequence);
  if (row?.event === undefined) return undefined;
  const { event, type, source, node, status } = row;
  return {
    id: event.id,
    sequence,
    type,
    source,
    node,
    at: node.index === 0 ? row.at : emittedElsewhere(recorder, event.id, node.index, event.timestamp, row.at),
    status,
    causationId: event.causationId,
    runs: readRuns(recorder, sequence),
  };
}

/** When an event was emitted on its own node: as that node says, else by its timestamp, and never after it arrived. */
function emittedElsewhere(recorder: Recorder, id: string, node: number, timestamp: number, arrival: number): number {
  const outcome = recorder.remote.of(id).outcomes.find((each) => each.node === node);
  return Math.min(outcome?.at ?? timestamp, arrival);
}

/** An event that never came here, as its own node told of it. */
function fromOthers(recorder: Recorder, id: string): Found | undefined {
  const outcome = recorder.remote.of(id).outcomes.find(({ origin }) => origin !== undefined);
  if (outcome?.origin === undefined) return undefined;
  const node = recorder.nodes.at(outcome.node);
  const { type, causationId } = outcome.origin;
  return {
    id,
    sequence: undefined,
    type,
    source: node.source,
    node,
    at: outcome.at,
    status: statusName(outcome.status),
    causationId,
    runs: [...remoteRuns(recorder, id)].sort((a, b) => a.start - b.start),
  };
}

/** Every event behind its cause; one whose cause is not there, or is itself an effect of it, begins a tree. */
function inCausalOrder(found: readonly Found[]): TraceEvent[] {
  const byTime = [...found].sort((a, b) => a.at - b.at || (a.sequence ?? 0) - (b.sequence ?? 0));
  const ids = new Set(byTime.map(({ id }) => id));
  const effects = new Map<string, Found[]>();
  for (const event of byTime) {
    if (event.causationId === undefined) continue;
    const siblings = effects.get(event.causationId);
    if (siblings === undefined) effects.set(event.causationId, [event]);
    else siblings.push(event);
  }
  const ordered: TraceEvent[] = [];
  const placed = new Set<string>();
  const place = (root: Found): void => {
    const open = [{ event: root, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { event, depth } = next;
      if (placed.has(event.id)) continue;
      placed.add(event.id);
      ordered.push({ ...event, depth });
      for (const effect of (effects.get(event.id) ?? []).toReversed()) open.push({ event: effect, depth: depth + 1 });
    }
  };
  for (const event of byTime) if (event.causationId === undefined || !ids.has(event.causationId)) place(event);
  for (const event of byTime) place(event);
  return ordered;
}
