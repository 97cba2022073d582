import type { Card } from '../../events.js';

const ANSWER_MS = 900;
const FAILURE_MS = 250;
/** The call that succeeds with the card that the gateway has trouble with. */
const LUCKY_ATTEMPT = 3;

/** The payment gateway's answer. */
export type Payment =
  | { readonly ok: true; readonly reference: string }
  | { readonly ok: false; readonly reason: string };

/** The gateway did not answer, which says nothing of the card. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
}

/** Asks the payment gateway; this one lives here, takes its time, and knows three cards. */
export async function charge(card: Card, attempt: number, signal: AbortSignal): Promise<Payment> {
  if (card === 'troubled' && attempt < LUCKY_ATTEMPT) {
    await pause(FAILURE_MS, signal);
    throw new GatewayError('The payment gateway did not answer');
  }
  await pause(ANSWER_MS, signal);
  if (card === 'declined') return { ok: false, reason: 'The card was declined' };
  return { ok: true, reference: crypto.randomUUID().slice(0, 8).toUpperCase() };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
