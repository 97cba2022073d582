import type { HandlerInfo, InspectedEvent, Inspection } from '../../core/index.js';
import {
  type HandlerEntry,
  type LetterEntry,
  LONGEST_TEXT,
  MOST_ROWS,
  type OutcomeEntry,
  type RetryEntry,
  type RunEntry,
} from '../protocol.js';
import { errorText } from './payload/safe-read.js';
import { DROPPED, settledStatus, UNHEARD } from './status.js';

/** Rows that are to be told, without the words around them. */
export interface Rows {
  readonly handlers: readonly HandlerEntry[];
  readonly runs: readonly RunEntry[];
  readonly retries: readonly RetryEntry[];
  readonly letters: readonly LetterEntry[];
  readonly outcomes: readonly OutcomeEntry[];
  readonly lost: number;
}

/** What is remembered of an event between its beginning and its end. */
interface Begun {
  readonly at: number;
  readonly isOwn: boolean;
  /** There was no room for it, on the bus or for one of its handlers. */
  isDropped: boolean;
  /** The call that each handler is at, where it is not the first. */
  attempts: Map<HandlerInfo, number> | undefined;
}

/** Collects what a bus's inspection says into rows for other nodes' panels; bounded, whatever comes. */
export class Outbox {
  readonly #begun = new WeakMap<InspectedEvent, Begun>();
  #positions = new Map<HandlerInfo, number>();
  #handlers: HandlerEntry[] = [];
  #runs: RunEntry[] = [];
  #retries: RetryEntry[] = [];
  #letters: LetterEntry[] = [];
  #outcomes: OutcomeEntry[] = [];
  #lost = 0;
  readonly #covers: (type: string) => boolean;

  /** @param covers types whose events, and what errors say of them, stay on their node */
  constructor(covers: (type: string) => boolean) {
    this.#covers = covers;
  }

  get isEmpty(): boolean {
    const rows = this.#runs.length + this.#retries.length + this.#letters.length + this.#outcomes.length;
    return rows + this.#lost === 0;
  }

  add(told: Inspection): void {
    switch (told.kind) {
      case 'received':
        this.#begin(told, false);
        break;
      case 'emitted':
        this.#begin(told, told.node === undefined);
        break;
      case 'vetoed':
        this.#begin(told, true);
        break;
      case 'handlerStarted':
        this.#started(told);
        break;
      case 'handlerSettled':
        this.#addRun(told, told.durationMs, told.outcome === 'failed');
        break;
      case 'filterFailed':
        this.#addRun(told, 0, true);
        break;
      case 'retried': {
        const { event, handler, attempt, delayMs } = told;
        if (this.#hasRoom(this.#retries)) this.#retries.push([event.id, this.#position(handler), attempt, delayMs]);
        break;
      }
      case 'deadLettered': {
        const { event, handler, at, error } = told;
        if (this.#hasRoom(this.#letters))
          this.#letters.push([event.id, this.#position(handler), at, this.#textOf(error, event)]);
        break;
      }
      case 'dropped':
        if (told.reason === 'queue-full' && told.event !== undefined) this.#dropped(told.event, told.at);
        break;
      case 'settled':
        this.#addOutcome(told);
    }
  }

  take(): Rows {
    const rows = {
      handlers: this.#handlers,
      runs: this.#runs,
      retries: this.#retries,
      letters: this.#letters,
      outcomes: this.#outcomes,
      lost: this.#lost,
    };
    this.#positions = new Map();
    this.#handlers = [];
    this.#runs = [];
    this.#retries = [];
    this.#letters = [];
    this.#outcomes = [];
    this.#lost = 0;
    return rows;
  }

  #begin({ at, event }: { readonly at: number; readonly event: InspectedEvent }, isOwn: boolean): void {
    this.#begun.set(event, { at, isOwn, isDropped: false, attempts: undefined });
  }

  #started({ event, handler, attempt }: Inspection & { kind: 'handlerStarted' }): void {
    const begun = this.#begun.get(event);
    if (begun === undefined || (attempt === 1 && begun.attempts === undefined)) return;
    begun.attempts ??= new Map();
    begun.attempts.set(handler, attempt);
  }

  /** An event that there was no room for from the start was not told of before. */
  #dropped(event: InspectedEvent, at: number): void {
    if (!this.#begun.has(event)) this.#begin({ at, event }, true);
    const begun = this.#begun.get(event);
    if (begun !== undefined) begun.isDropped = true;
  }

  #addRun(
    { kind, at, event, handler, error }: Inspection & { kind: 'handlerSettled' | 'filterFailed' },
    durationMs: number,
    failed: boolean,
  ): void {
    if (!this.#hasRoom(this.#runs)) return;
    const duration = Math.max(0, durationMs);
    const attempt = kind === 'filterFailed' ? 0 : (this.#begun.get(event)?.attempts?.get(handler) ?? 1);
    const text = failed ? this.#textOf(error, event) : '';
    this.#runs.push([event.id, this.#position(handler), at - duration, duration, failed ? 1 : 0, text, attempt]);
  }

  #addOutcome({ at, event, status, delivered, failures }: Inspection & { kind: 'settled' }): void {
    const { at: begunAt = at, isOwn = false, isDropped = false } = this.#begun.get(event) ?? {};
    const number = Math.max(settledStatus(status, delivered, failures), isDropped ? DROPPED : 0);
    // That nobody here handles another node's event is no news to anybody.
    if (!isOwn && number === UNHEARD) return;
    if (!this.#hasRoom(this.#outcomes)) return;
    const origin = isOwn ? ([event.type, event.correlationId, event.causationId ?? ''] as const) : noOrigin;
    this.#outcomes.push([event.id, begunAt, Math.max(0, at - begunAt), number, delivered, failures, ...origin]);
  }

  #hasRoom(rows: readonly unknown[]): boolean {
    if (rows.length < MOST_ROWS && this.#handlers.length < MOST_ROWS) return true;
    this.#lost++;
    return false;
  }

  #textOf(error: unknown, { type }: InspectedEvent): string {
    return this.#covers(type) ? 'an error with an event that a codec covers' : errorText(error).slice(0, LONGEST_TEXT);
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
