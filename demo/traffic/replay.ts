import type { Webhook } from './webhooks.js';

const TICK_MS = 8;
/** After a pause, no more is made up for than this. */
const MOST_LATE_MS = 100;
const REPORT_MS = 500;

export interface ReplayOptions {
  readonly webhooks: readonly Webhook[];
  /** Events a second, read at every tick. */
  readonly rate: () => number;
  readonly emit: (webhook: Webhook) => void;
  /** Gets the rate that was reached, events a second, twice a second. */
  readonly onRate: (achieved: number) => void;
}

/** Emits the webhooks round and round, evenly, until the returned function is called. */
export function replay({ webhooks, rate, emit, onRate }: ReplayOptions): () => void {
  let next = 0;
  let due = 0;
  let last = performance.now();
  let emitted = 0;
  let reported = last;

  const tick = (): void => {
    const now = performance.now();
    due += (Math.min(now - last, MOST_LATE_MS) / 1000) * rate();
    last = now;
    for (; due >= 1; due--) {
      const webhook = webhooks[next++ % webhooks.length];
      if (webhook !== undefined) emit(webhook);
      emitted++;
    }
    if (now - reported < REPORT_MS) return;
    onRate((emitted / (now - reported)) * 1000);
    emitted = 0;
    reported = now;
  };
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
}
