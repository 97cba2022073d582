import type { RequestOptions } from '../calls/request.js';
import type { EmitOptions } from '../dispatch/admit.js';
import type { Batch } from '../dispatch/batch.js';
import type { Call } from '../dispatch/call.js';
import { type BatchDelivery, type Delivery, type Emission, LiveEmission } from '../dispatch/delivery.js';
import type { Abortable } from '../dispatch/under-way.js';
import type { BusEvent } from '../event/event.js';

/** What a delivery does in the name of a scope. */
export interface DeliveryScope {
  emit(type: string, data: unknown, options: EmitOptions | undefined, parent: LiveEmission): Emission;
  request(type: string, data: unknown, options: RequestOptions | undefined, parent: LiveEmission): Promise<unknown>;
  /** Calls whose signal somebody has, to be aborted when the scope waits no longer. */
  readonly underWay: { add(call: Abortable): void; delete(call: Abortable): void };
}

/** The delivery of a scope's handlers: what is emitted through it is the scope's, and has its rights. */
export class ScopedDelivery implements Delivery, Abortable {
  readonly #scope: DeliveryScope;
  readonly #delivery: LiveEmission | Call;
  #controller: AbortController | undefined;

  constructor(scope: DeliveryScope, delivery: LiveEmission | Call) {
    this.#scope = scope;
    this.#delivery = delivery;
  }

  get emit(): Delivery['emit'] {
    return (type: string, data?: unknown, options?: EmitOptions) =>
      this.#scope.emit(type, data, options, this.#emission) as Emission<never>;
  }

  get request(): Delivery['request'] {
    return (type: string, data?: unknown, options?: RequestOptions) =>
      this.#scope.request(type, data, options, this.#emission) as Promise<never>;
  }

  get attempt(): number {
    return this.#delivery.attempt;
  }

  get node(): string {
    return this.#delivery.node;
  }

  get key(): string | undefined {
    return this.#delivery.key;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const { signal } = this.#delivery;
      const { underWay } = this.#scope;
      this.#controller = new AbortController();
      if (signal.aborted) this.abort(signal.reason);
      else {
        signal.addEventListener('abort', () => this.abort(signal.reason), { once: true });
        underWay.add(this);
        void this.#emission.then(() => underWay.delete(this));
      }
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  get #emission(): LiveEmission {
    return this.#delivery instanceof LiveEmission ? this.#delivery : this.#delivery.emission;
  }
}

/** The delivery of a scope's handlers that take batches. */
export class ScopedBatchDelivery implements BatchDelivery {
  readonly #scope: DeliveryScope;
  readonly #batch: Batch;
  /** That of the last event. */
  readonly #last: Delivery;

  constructor(scope: DeliveryScope, batch: Batch) {
    this.#scope = scope;
    this.#batch = batch;
    this.#last = this.of(batch.emission.event);
  }

  get emit(): Delivery['emit'] {
    return this.#last.emit;
  }

  get request(): Delivery['request'] {
    return this.#last.request;
  }

  get attempt(): number {
    return this.#batch.attempt;
  }

  get signal(): AbortSignal {
    return this.#last.signal;
  }

  of(event: BusEvent): Delivery {
    return new ScopedDelivery(this.#scope, this.#batch.of(event));
  }
}
