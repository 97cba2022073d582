import type { BusEvent, EventEnvelope } from '../event/event.js';
import type { Inspector } from '../inspection.js';
import { handlerInfo, type Registration } from '../router/subscription.js';
import type { EmitResult, LiveEmission } from './delivery.js';
import type { AdmissionFailure, EventFailure, Failure } from './failure.js';

/** What becomes of failures, beside the emission. */
export interface OutcomesHost {
  readonly report: (failure: Failure) => void;
  /** A handler has failed for good. */
  readonly failedForGood: (
    emission: LiveEmission,
    registration: Registration,
    error: unknown,
    attempts: number,
  ) => void;
}

/** Tells everybody concerned how calls and events end: the emission, `onError`, observers and statistics. */
export class Outcomes {
  /** Null when nobody watches (I2). */
  inspector: Inspector | null = null;
  /** Events by how they ended, where that is not `delivered`. */
  readonly ended: { cancelled: number; vetoed: number; expired: number; dropped: number } = {
    cancelled: 0,
    vetoed: 0,
    expired: 0,
    dropped: 0,
  };
  retries = 0;
  /** Events that one handler or stream had no room for. */
  losses = 0;
  readonly #host: OutcomesHost;

  constructor(host: OutcomesHost) {
    this.#host = host;
  }

  started(registration: Registration, emission: LiveEmission, attempt: number): number {
    return this.inspector?.started(emission.event, handlerInfo(registration), attempt) ?? 0;
  }

  succeeded(registration: Registration, emission: LiveEmission, startedAt: number): void {
    this.inspector?.settled(emission.event, handlerInfo(registration), startedAt, 'ok');
  }

  /** One call has failed; it may be made again. */
  attemptFailed(registration: Registration, emission: LiveEmission, startedAt: number, error: unknown): void {
    this.inspector?.settled(emission.event, handlerInfo(registration), startedAt, 'failed', error);
  }

  retried(registration: Registration, emission: LiveEmission, error: unknown, attempt: number, delayMs: number): void {
    this.retries++;
    const handler = handlerInfo(registration);
    this.inspector?.tell({
      kind: 'retried',
      event: this.inspector.view(emission.event),
      handler,
      attempt,
      delayMs,
      error,
    });
  }

  /** A handler has failed and is not called again for this event; `isTold` when the one who asked gets the error. */
  failed(registration: Registration, emission: LiveEmission, error: unknown, attempts: number, isTold: boolean): void {
    const { event } = emission;
    const failure: EventFailure = { stage: 'handler', error, event, handler: handlerInfo(registration), attempts };
    record(failure, emission);
    if (isTold) return;
    this.#host.report(failure);
    this.#host.failedForGood(emission, registration, error, attempts);
  }

  filterFailed(registration: Registration, emission: LiveEmission, error: unknown): void {
    const { event } = emission;
    const handler = handlerInfo(registration);
    this.inspector?.tell({ kind: 'filterFailed', event: this.inspector.view(event), handler, error });
    const failure: EventFailure = { stage: 'filter', error, event, handler, attempts: 0 };
    record(failure, emission);
    this.#host.report(failure);
    this.#host.failedForGood(emission, registration, error, 0);
  }

  admissionFailed(emission: LiveEmission, stage: AdmissionFailure['stage'], by: string, error: unknown): void {
    const failure: AdmissionFailure = { stage, error, event: emission.event, by };
    record(failure, emission);
    this.#host.report(failure);
  }

  vetoed(emission: LiveEmission, by: string): void {
    emission.vetoer = by;
    this.inspector?.tell({ kind: 'vetoed', event: this.inspector.view(emission.event), by });
    this.finished(emission, 'vetoed');
  }

  /** There was no room for the event: on the bus, or for one of its handlers. */
  discarded(emission: LiveEmission, registration: Registration | undefined): void {
    this.inspector?.tell({
      kind: 'dropped',
      reason: 'queue-full',
      event: this.inspector.view(emission.event),
      transport: undefined,
      handler: registration && handlerInfo(registration),
      error: undefined,
    });
    if (registration === undefined) this.finished(emission, 'dropped');
    else this.losses++;
  }

  /** A stream had no room for the event. */
  lost(event: BusEvent): void {
    this.losses++;
    this.inspector?.tell({
      kind: 'dropped',
      reason: 'queue-full',
      event: this.inspector.view(event as EventEnvelope),
      transport: undefined,
      error: undefined,
    });
  }

  finished(emission: LiveEmission, status: EmitResult['status']): void {
    if (status !== 'delivered') this.ended[status]++;
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
}

function record(failure: EventFailure, emission: LiveEmission): void {
  emission.failures ??= [];
  emission.failures.push(failure);
}
