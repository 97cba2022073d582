import type { Card } from '../../events.js';

const ANSWER_MS = 900;
const FAILURE_MS = 250;
/** The call that succeeds with the card that the gateway has trouble with. */
const LUCKY_ATTEMPT = 3;
/** How often a refund to the reluctant card is asked for before there is one. */
const ENOUGH_REQUESTS = 2;
const BOOKS = 'shop.gateway';

/** The payment gateway's answer. */
export type Payment =
  | { readonly ok: true; readonly reference: string }
  | { readonly ok: false; readonly reason: string };

export interface Charge {
  /** The same key is the same payment: asked for once more, it is answered as it was. */
  readonly key: string;
  readonly amountCents: number;
  readonly card: Card;
}

/** One payment on the gateway's books. */
type Entry = Charge & { readonly reference: string; refundsAskedFor: number; isRefunded: boolean };

/** The gateway did not answer, which says nothing of the card. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
}

/**
 * Asks the payment gateway for money. This one lives here, takes its time, and knows four cards; as one elsewhere would, it
 * keeps its books when the tab crashes that has asked.
 */
export async function charge(wanted: Charge, attempt: number, signal: AbortSignal): Promise<Payment> {
  const { key, card } = wanted;
  if (card === 'troubled' && attempt < LUCKY_ATTEMPT) {
    await pause(FAILURE_MS, signal);
    throw new GatewayError('The payment gateway did not answer');
  }
  const entries = read();
  if (card !== 'declined' && !entries.some((entry) => entry.key === key)) {
    const reference = crypto.randomUUID().slice(0, 8).toUpperCase();
    entries.push({ ...wanted, reference, refundsAskedFor: 0, isRefunded: false });
    write(entries);
  }
  await pause(ANSWER_MS, signal);
  const entry = entries.find((one) => one.key === key);
  if (entry === undefined) return { ok: false, reason: 'The card was declined' };
  return { ok: true, reference: entry.reference };
}

/** Asks it to give the money of a payment back; resolves with whether it has. */
export async function refund(reference: string, signal: AbortSignal): Promise<boolean> {
  await pause(ANSWER_MS, signal);
  const entries = read();
  const entry = entries.find((one) => one.reference === reference);
  if (entry === undefined) return false;
  entry.refundsAskedFor++;
  entry.isRefunded ||= entry.card !== 'reluctant' || entry.refundsAskedFor >= ENOUGH_REQUESTS;
  write(entries);
  return entry.isRefunded;
}

function read(): Entry[] {
  return JSON.parse(localStorage.getItem(BOOKS) ?? '[]') as Entry[];
}

function write(entries: readonly Entry[]): void {
  localStorage.setItem(BOOKS, JSON.stringify(entries));
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
