import type { InspectedEvent } from '../../core/index.js';
import { NOBODY } from './event-log.js';
import type { HandlerRecord } from './handler-book.js';
import type { PanelNode } from './nodes.js';
import type { Recorder } from './recorder.js';
import { DROPPED, FAILED, type Letter, RUNNING, SUCCEEDED } from './run-log.js';
import { type StatusName, statusName } from './status.js';

/** One logged event, read out of the columns. */
export interface EventRow {
  readonly sequence: number;
  /** When it was emitted or arrived here, epoch ms with a fraction. */
  readonly at: number;
  /** Undefined for a record that was refused before it became an event. */
  readonly event: InspectedEvent | undefined;
  readonly type: string;
  readonly source: string;
  /** The node it was emitted on. */
  readonly node: PanelNode;
  readonly status: StatusName;
  /** Handlers called on this node. */
  readonly handlers: number;
  /** Handlers called on other nodes, as far as they tell. */
  readonly remoteHandlers: number;
  readonly failures: number;
  /** Calls of its handlers on this node that were made again. */
  readonly retries: number;
  /** Dead letters that it has left on this node, and that are still there. */
  readonly letters: number;
  /** From the emit until the last handler on this node settled; undefined until then. */
  readonly durationMs: number | undefined;
}

/** What else is known of an event; for the detail. */
export interface EventFacts {
  /** The transport it arrived over; empty for one emitted here. */
  readonly transport: string;
  readonly sentOver: number;
  /** Its offset in the store, if it was stored. */
  readonly offset: number | undefined;
  readonly canceller: HandlerRecord | undefined;
  /** The middleware that vetoed it, or `schema`; empty when nobody did. */
  readonly vetoer: string;
  /** Why it was dropped; empty when it was not. */
  readonly reason: string;
  /** Whether somebody waited for an answer to it. */
  readonly isRequest: boolean;
  /** How long after its timestamp it could be handled; undefined for as long as it takes. */
  readonly ttlMs: number | undefined;
}

/** One call of a handler, on this node or another. */
export interface HandlerRun {
  readonly handler: HandlerRecord;
  readonly node: PanelNode;
  /** Epoch ms with a fraction. */
  readonly start: number;
  /** Undefined while it runs. */
  readonly durationMs: number | undefined;
  /** `dropped`: there was no room for it in the handler's queue. */
  readonly outcome: 'running' | 'ok' | 'failed' | 'dropped';
  /** What it threw; only its text when it threw on another node. */
  readonly error: unknown;
  /** Counts the calls of the handler for the event from 1; 0 for one that was never made. */
  readonly attempt: number;
  /** How long after its end it was to be made again; undefined when it was not. */
  readonly retryInMs: number | undefined;
  /** The dead letter it has left. */
  readonly letter: Letter | undefined;
}

const outcomes: Readonly<Record<number, HandlerRun['outcome']>> = {
  [RUNNING]: 'running',
  [SUCCEEDED]: 'ok',
  [FAILED]: 'failed',
  [DROPPED]: 'dropped',
};

/** Reads an event; undefined when it is not, or no longer, kept. */
export function readRow(recorder: Recorder, sequence: number): EventRow | undefined {
  const { events } = recorder;
  if (!events.has(sequence)) return undefined;
  const slot = sequence & events.mask;
  const event = events.events[slot];
  const duration = events.duration[slot] as number;
  return {
    sequence,
    at: events.at[slot] as number,
    event,
    type: recorder.types.at(events.type[slot] as number),
    source: recorder.sources.at(events.source[slot] as number),
    node: recorder.nodes.at(events.node[slot] as number),
    status: statusName(events.status[slot] as number),
    handlers: events.handlers[slot] as number,
    remoteHandlers: event === undefined || recorder.remote.size === 0 ? 0 : recorder.remote.of(event.id).runs.length,
    failures: events.failures[slot] as number,
    retries: events.retries[slot] as number,
    letters: events.letters[slot] as number,
    durationMs: Number.isNaN(duration) ? undefined : duration,
  };
}

export function readFacts(recorder: Recorder, sequence: number): EventFacts {
  const { events } = recorder;
  const slot = sequence & events.mask;
  const offset = events.offset[slot] as number;
  const canceller = events.canceller[slot] as number;
  const record = events.events[slot]?.toRecord();
  return {
    transport: recorder.transports.at(events.transport[slot] as number),
    sentOver: events.sent[slot] as number,
    offset: Number.isNaN(offset) ? undefined : offset,
    canceller: canceller === NOBODY ? undefined : recorder.handlers.at(canceller),
    vetoer: recorder.vetoers.at(events.vetoer[slot] as number),
    reason: recorder.reasons.at(events.reason[slot] as number),
    isRequest: record?.request === true,
    ttlMs: record?.ttlMs,
  };
}

/** The calls of an event's handlers on every node, in order of their start. */
export function readRuns(recorder: Recorder, sequence: number): readonly HandlerRun[] {
  const { events } = recorder;
  const slot = sequence & events.mask;
  const event = events.events[slot];
  const runs = [...localRuns(recorder, slot), ...(event === undefined ? [] : remoteRuns(recorder, event.id))];
  return runs.sort((a, b) => a.start - b.start);
}

/** The calls that other nodes have told of. */
export function remoteRuns(recorder: Recorder, eventId: string): readonly HandlerRun[] {
  return recorder.remote.of(eventId).runs.map((run) => ({
    handler: run.handler,
    node: recorder.nodes.at(run.handler.node),
    start: run.start,
    durationMs: run.durationMs,
    outcome: run.failed ? ('failed' as const) : ('ok' as const),
    error: run.error,
    attempt: run.attempt,
    retryInMs: run.retryInMs,
    letter: run.isLetter ? letterElsewhere : undefined,
  }));
}

const letterElsewhere: Letter = Object.freeze({ id: undefined, isOpen: true });

function localRuns({ events, runs, handlers, nodes }: Recorder, eventSlot: number): HandlerRun[] {
  const found: HandlerRun[] = [];
  for (let run = events.lastRun[eventSlot] as number; runs.has(run); ) {
    const slot = run & runs.mask;
    const handler = handlers.at(runs.handler[slot] as number);
    const outcome = outcomes[runs.outcome[slot] as number] ?? 'running';
    const retryIn = runs.retryIn[slot] as number;
    if (handler !== undefined) {
      found.push({
        handler,
        node: nodes.at(0),
        start: runs.start[slot] as number,
        durationMs: outcome === 'running' ? undefined : (runs.duration[slot] as number),
        outcome,
        error: outcome === 'failed' ? runs.errorOf(run) : undefined,
        attempt: runs.attempt[slot] as number,
        retryInMs: Number.isNaN(retryIn) ? undefined : retryIn,
        letter: outcome === 'failed' ? runs.letterOf(run) : undefined,
      });
    }
    run = runs.previous[slot] as number;
  }
  return found.reverse();
}
