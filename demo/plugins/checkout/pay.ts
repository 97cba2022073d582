import type { Card } from '../../events.js';

const ANSWER_MS = 900;

/** The payment provider's answer. */
export type Payment =
  | { readonly ok: true; readonly reference: string }
  | { readonly ok: false; readonly reason: string };

/** Asks the payment provider; this one lives here, takes its time, and knows two cards. */
export async function pay(card: Card, signal: AbortSignal): Promise<Payment> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ANSWER_MS);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  if (signal.aborted) return { ok: false, reason: 'The shop was closed' };
  if (card === 'declined') return { ok: false, reason: 'The card was declined' };
  return { ok: true, reference: crypto.randomUUID().slice(0, 8).toUpperCase() };
}
