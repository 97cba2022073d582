import type { HandlerRecord } from './handler-book.js';

/** A call of a handler on another node. */
export interface RemoteRun {
  readonly eventId: string;
  readonly handler: HandlerRecord;
  /** Epoch ms with a fraction, by the clock of that node. */
  readonly start: number;
  readonly durationMs: number;
  readonly failed: boolean;
  /** `Name: message` of what it threw. */
  readonly error: string | undefined;
  /** Counts the calls of the handler for the event from 1; 0 for one that was never made. */
  readonly attempt: number;
  /** How long after its end it was to be made again. */
  retryInMs: number | undefined;
  /** Whether it has left a dead letter. */
  isLetter: boolean;
}

/** What became of an event on another node. */
export interface RemoteOutcome {
  readonly eventId: string;
  /** Number of the node. */
  readonly node: number;
  /** When it was emitted or arrived there, epoch ms with a fraction. */
  readonly at: number;
  readonly durationMs: number;
  readonly status: number;
  readonly delivered: number;
  readonly failures: number;
  /** Set where the event was emitted, so that one that never left its node can be shown. */
  readonly origin:
    | { readonly type: string; readonly correlationId: string; readonly causationId: string | undefined }
    | undefined;
}

/** What other nodes have said of an event. */
export interface RemotePart {
  readonly runs: RemoteRun[];
  readonly outcomes: RemoteOutcome[];
}

const nothing: RemotePart = Object.freeze({ runs: [], outcomes: [] });

/** The last that other nodes told of events, by the events' ids; what is told may come before the event does. */
export class RemoteRuns {
  readonly #capacity: number;
  /** Oldest first: a Map keeps the order in which keys were added. */
  readonly #parts = new Map<string, RemotePart>();
  readonly #chains = new Map<string, Set<string>>();
  #size = 0;

  /** @param capacity runs and outcomes kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  of(eventId: string): RemotePart {
    return this.#parts.get(eventId) ?? nothing;
  }

  /** Ids of events of a chain that their own node has told of. */
  chain(correlationId: string): readonly string[] {
    return [...(this.#chains.get(correlationId) ?? [])];
  }

  /** The latest failed call of a handler for an event, or the latest of its failed calls with that number. */
  failed(eventId: string, handler: HandlerRecord, attempt?: number): RemoteRun | undefined {
    return this.#parts
      .get(eventId)
      ?.runs.findLast((run) => run.handler === handler && run.failed && run.attempt === (attempt ?? run.attempt));
  }

  addRun(run: RemoteRun): void {
    this.#part(run.eventId).runs.push(run);
    this.#grow();
  }

  addOutcome(outcome: RemoteOutcome): void {
    this.#part(outcome.eventId).outcomes.push(outcome);
    const { origin, eventId } = outcome;
    if (origin !== undefined) {
      const ids = this.#chains.get(origin.correlationId);
      if (ids === undefined) this.#chains.set(origin.correlationId, new Set([eventId]));
      else ids.add(eventId);
    }
    this.#grow();
  }

  clear(): void {
    this.#parts.clear();
    this.#chains.clear();
    this.#size = 0;
  }

  #part(eventId: string): RemotePart {
    let part = this.#parts.get(eventId);
    if (part === undefined) {
      part = { runs: [], outcomes: [] };
      this.#parts.set(eventId, part);
    }
    return part;
  }

  #grow(): void {
    this.#size++;
    for (const [eventId, part] of this.#parts) {
      if (this.#size <= this.#capacity) return;
      this.#parts.delete(eventId);
      this.#size -= part.runs.length + part.outcomes.length;
      for (const { origin } of part.outcomes) if (origin !== undefined) this.#unchain(origin.correlationId, eventId);
    }
  }

  #unchain(correlationId: string, eventId: string): void {
    const ids = this.#chains.get(correlationId);
    ids?.delete(eventId);
    if (ids?.size === 0) this.#chains.delete(correlationId);
  }
}
