import type { Inspector } from '../inspection.js';
import { handlerInfo, type Registration } from '../router/subscription.js';
import type { EmitResult, LiveEmission } from './delivery.js';
import type { Failure, HandlerFailure } from './failure.js';

/** Tells everybody concerned how calls and events end: the emission, `onError` and observers. */
export class Outcomes {
  /** Null when nobody watches (I2). */
  inspector: Inspector | null = null;
  readonly #report: (failure: Failure) => void;

  constructor(report: (failure: Failure) => void) {
    this.#report = report;
  }

  succeeded(registration: Registration, emission: LiveEmission, startedAt: number): void {
    this.inspector?.settled(emission.event, handlerInfo(registration), startedAt, 'ok');
  }

  failed(registration: Registration, emission: LiveEmission, startedAt: number, error: unknown): void {
    const handler = handlerInfo(registration);
    this.inspector?.settled(emission.event, handler, startedAt, 'failed', error);
    this.#record({ stage: 'handler', error, event: emission.event, handler }, emission);
  }

  filterFailed(registration: Registration, emission: LiveEmission, error: unknown): void {
    const { event } = emission;
    const handler = handlerInfo(registration);
    this.inspector?.tell({ kind: 'filterFailed', event: this.inspector.view(event), handler, error });
    this.#record({ stage: 'filter', error, event, handler }, emission);
  }

  finished(emission: LiveEmission, status: EmitResult['status']): void {
    emission.settle(status);
    const { inspector } = this;
    if (inspector === null) return;
    const event = inspector.view(emission.event);
    if (status === 'cancelled') {
      const { canceller } = emission;
      inspector.tell({ kind: 'cancelled', event, handler: canceller && handlerInfo(canceller) });
    }
    const failures = emission.failures?.length ?? 0;
    inspector.tell({ kind: 'settled', event, status, delivered: emission.delivered, failures });
  }

  #record(failure: HandlerFailure, emission: LiveEmission): void {
    emission.failures ??= [];
    emission.failures.push(failure);
    this.#report(failure);
  }
}
