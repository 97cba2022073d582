import type { InspectedEvent } from '../inspection.js';
import type { BusEvent } from './event.js';

/** An event before observers: forwards its fields and nothing else (I3). */
export class EventView implements InspectedEvent {
  readonly #event: BusEvent;

  constructor(event: BusEvent) {
    this.#event = event;
    Object.freeze(this);
  }

  get id(): string {
    return this.#event.id;
  }
  get type(): string {
    return this.#event.type;
  }
  get timestamp(): number {
    return this.#event.timestamp;
  }
  get source(): string {
    return this.#event.source;
  }
  get correlationId(): string {
    return this.#event.correlationId;
  }
  get causationId(): string | undefined {
    return this.#event.causationId;
  }
  get data(): unknown {
    return this.#event.data;
  }
  get metadata(): Readonly<Record<string, unknown>> {
    return this.#event.metadata;
  }
  get priority(): number {
    return this.#event.priority;
  }
  get cancelled(): boolean {
    return this.#event.cancelled;
  }
  get cancelReason(): string | undefined {
    return this.#event.cancelReason;
  }
  toJSON(): ReturnType<BusEvent['toJSON']> {
    return this.#event.toJSON();
  }
  toRecord(): ReturnType<BusEvent['toRecord']> {
    return this.#event.toRecord();
  }
}
