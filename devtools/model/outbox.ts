import type { HandlerInfo, InspectedEvent, Inspection } from '../../core/index.js';
import { type HandlerEntry, LONGEST_TEXT, MOST_ROWS, type OutcomeEntry, type RunEntry } from '../protocol.js';
import { errorText } from './payload/safe-read.js';
import { settledStatus, UNHEARD } from './status.js';

/** Rows that are to be told, without the words around them. */
export interface Rows {
  readonly handlers: readonly HandlerEntry[];
  readonly runs: readonly RunEntry[];
  readonly outcomes: readonly OutcomeEntry[];
  readonly lost: number;
}

/** Collects what a bus's inspection says into rows for other nodes' panels; bounded, whatever comes. */
export class Outbox {
  readonly #begun = new WeakMap<InspectedEvent, { readonly at: number; readonly isOwn: boolean }>();
  #positions = new Map<HandlerInfo, number>();
  #handlers: HandlerEntry[] = [];
  #runs: RunEntry[] = [];
  #outcomes: OutcomeEntry[] = [];
  #lost = 0;

  get isEmpty(): boolean {
    return this.#runs.length === 0 && this.#outcomes.length === 0 && this.#lost === 0;
  }

  add(told: Inspection): void {
    if (told.kind === 'emitted') this.#begun.set(told.event, { at: told.at, isOwn: told.node === undefined });
    else if (told.kind === 'handlerSettled') this.#addRun(told, told.durationMs, told.outcome === 'failed');
    else if (told.kind === 'filterFailed') this.#addRun(told, 0, true);
    else if (told.kind === 'settled') this.#addOutcome(told);
  }

  take(): Rows {
    const rows = { handlers: this.#handlers, runs: this.#runs, outcomes: this.#outcomes, lost: this.#lost };
    this.#positions = new Map();
    this.#handlers = [];
    this.#runs = [];
    this.#outcomes = [];
    this.#lost = 0;
    return rows;
  }

  #addRun(
    { at, event, handler, error }: Inspection & { kind: 'handlerSettled' | 'filterFailed' },
    durationMs: number,
    failed: boolean,
  ): void {
    if (this.#runs.length === MOST_ROWS) {
      this.#lost++;
      return;
    }
    const duration = Math.max(0, durationMs);
    const text = failed ? errorText(error).slice(0, LONGEST_TEXT) : '';
    this.#runs.push([event.id, this.#position(handler), at - duration, duration, failed ? 1 : 0, text]);
  }

  #addOutcome({ at, event, status, delivered, failures }: Inspection & { kind: 'settled' }): void {
    const { at: begunAt = at, isOwn = false } = this.#begun.get(event) ?? {};
    const number = settledStatus(status, delivered, failures);
    // That nobody here handles another node's event is no news to anybody.
    if (!isOwn && number === UNHEARD) return;
    if (this.#outcomes.length === MOST_ROWS) {
      this.#lost++;
      return;
    }
    const origin = isOwn ? ([event.type, event.correlationId, event.causationId ?? ''] as const) : noOrigin;
    this.#outcomes.push([event.id, begunAt, Math.max(0, at - begunAt), number, delivered, failures, ...origin]);
  }

  #position(handler: HandlerInfo): number {
    let position = this.#positions.get(handler);
    if (position === undefined) {
      const patterns = handler.patterns.slice(0, MOST_ROWS);
      position = this.#handlers.push([handler.name.slice(0, LONGEST_TEXT), handler.priority, patterns]) - 1;
      this.#positions.set(handler, position);
    }
    return position;
  }
}

const noOrigin = ['', '', ''] as const;
