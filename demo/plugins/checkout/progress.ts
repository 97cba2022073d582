import type { CheckoutProgress, CheckoutStep } from '../../events.js';

const steps: readonly CheckoutStep[] = ['reserve', 'price', 'pay', 'confirm'];

/** How far one order has come. Times are epoch ms. */
export class OrderProgress {
  readonly #orderId: string;
  readonly #startedAt: number;
  #doneAt: number[] = [];
  #outcome: CheckoutProgress['outcome'] = 'open';
  #reason: string | undefined;
  totalCents: number | undefined;

  constructor(orderId: string, startedAt: number) {
    this.#orderId = orderId;
    this.#startedAt = startedAt;
  }

  get open(): boolean {
    return this.#outcome === 'open';
  }

  /** The running step is done, and the next one runs. */
  advance(at: number): void {
    this.#doneAt.push(at);
    if (this.#doneAt.length === steps.length) this.#outcome = 'placed';
  }

  fail(reason: string): void {
    this.#outcome = 'failed';
    this.#reason = reason;
  }

  view(): CheckoutProgress {
    return {
      orderId: this.#orderId,
      outcome: this.#outcome,
      steps: steps.map((step, index) => {
        const doneAt = this.#doneAt[index];
        if (doneAt !== undefined) {
          return { step, state: 'done', durationMs: doneAt - (this.#doneAt[index - 1] ?? this.#startedAt) };
        }
        if (index > this.#doneAt.length) return { step, state: 'waiting' };
        return { step, state: this.#outcome === 'failed' ? 'failed' : 'running' };
      }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(this.totalCents === undefined ? {} : { totalCents: this.totalCents }),
    };
  }
}
