import type { EventOf } from 'crosstown';
import {
  type AppEvents,
  type CheckoutStep,
  type CheckoutStepState,
  checkoutSteps,
  type OrderProgress,
} from '../../events.js';

interface Step {
  state: CheckoutStepState;
  /** When it was begun, epoch ms. */
  begunAt?: number;
  durationMs?: number;
}

/** How far one order has come. */
export class OrderRecord {
  readonly #orderId: string;
  readonly #steps = new Map<string, Step>(checkoutSteps.map((step) => [step, { state: 'waiting' }]));
  #outcome: OrderProgress['outcome'] = 'open';
  #reason: string | undefined;
  #totalCents: number | undefined;

  constructor(orderId: string) {
    this.#orderId = orderId;
  }

  apply({ type, data, timestamp }: EventOf<AppEvents, 'saga.checkout.**' | 'order.*'>): void {
    const step = 'step' in data ? this.#steps.get(data.step) : undefined;
    switch (type) {
      case 'saga.checkout.step.sent':
        this.#outcome = 'open';
        if (step === undefined) return;
        step.state = data.undo ? 'undoing' : 'running';
        step.begunAt = timestamp;
        return;
      case 'saga.checkout.step.completed':
        if (step === undefined) return;
        step.state = 'done';
        step.durationMs = timestamp - (step.begunAt ?? timestamp);
        return;
      case 'saga.checkout.step.failed':
        if (step !== undefined) step.state = data.undo ? 'stuck' : 'failed';
        return;
      case 'saga.checkout.step.compensated':
        if (step !== undefined) step.state = 'undone';
        return;
      case 'saga.checkout.stuck':
        this.#outcome = 'stuck';
        return;
      case 'order.placed':
        this.#outcome = 'placed';
        this.#totalCents = data.totalCents;
        return;
      case 'order.failed':
        this.#outcome = 'failed';
        this.#reason = data.reason;
    }
  }

  view(): OrderProgress {
    return {
      orderId: this.#orderId,
      outcome: this.#outcome,
      steps: [...this.#steps].map(([step, { state, durationMs }]) => ({
        step: step as CheckoutStep,
        state,
        ...(durationMs !== undefined && { durationMs }),
      })),
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(this.#totalCents !== undefined && { totalCents: this.#totalCents }),
    };
  }
}
