import { BusClosedError, type Emission, type EventScope, ScopeClosedError } from '../../index.js';
import { BatchError } from './errors.js';

/** Items that leave together. */
export class Batch {
  readonly items: readonly unknown[];
  /** Counts its last item among all that were ever added, from 1. */
  readonly last: number;
  attempts = 0;
  isUnderWay = false;
  /** Of the event of the first attempt. */
  #id: string | undefined;

  constructor(items: readonly unknown[], last: number) {
    this.items = items;
    this.last = last;
  }

  /**
   * Emits it, before this returns; resolves when it has settled and is stored, with what was wrong. Each attempt has the
   * id of the first: a handler may have got what could not be stored.
   */
  async emit(bus: EventScope, type: string): Promise<BatchError | undefined> {
    const attempt = ++this.attempts;
    const data = { items: this.items };
    let emission: Emission;
    try {
      emission = this.#id === undefined ? bus.emit(type, data) : bus.emit({ type, data, id: this.#id });
      this.#id = emission.event.id;
    } catch (cause) {
      return new BatchError(type, this.items, attempt, undefined, cause);
    }
    const stored = emission.persisted.then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    );
    const result = await emission;
    const unstored = await stored;
    const isRefused = result.status === 'vetoed' || result.status === 'dropped';
    if (!isRefused && unstored === undefined) return undefined;
    const cause = unstored?.cause ?? result.failures[0]?.error;
    return new BatchError(type, this.items, attempt, result, cause);
  }
}

/** Whether no attempt can be any better: there is nothing left to emit it. */
export function isFinal({ cause }: BatchError): boolean {
  return cause instanceof BusClosedError || cause instanceof ScopeClosedError;
}
