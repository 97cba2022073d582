import type { Emission, EmitResult } from '../dispatch/delivery.js';
import type { BusEvent } from '../event/event.js';
import type { StoredRef } from '../ports.js';

/** An emission without what the bus's own has beside: nothing on it leads further than its event. */
export class ScopedEmission implements Emission {
  readonly #emission: Emission;

  constructor(emission: Emission) {
    this.#emission = emission;
  }

  get event(): BusEvent {
    return this.#emission.event;
  }

  get persisted(): Promise<StoredRef | undefined> {
    return this.#emission.persisted;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting an emission is its purpose.
  get then(): PromiseLike<EmitResult>['then'] {
    const emission = this.#emission;
    return (onResult, onError) => emission.then(onResult, onError);
  }
}
