import type { Service } from '../../events.js';

const ANSWER_MS = 200;
/** The call that the courier picks up. */
const PATIENT_CALL = 3;

const calls = new Map<string, number>();

/** Books a parcel; the post answers at once, the courier picks up the third time an order is called in. */
export async function book(service: Service, orderId: string): Promise<{ readonly parcel: string }> {
  const call = (calls.get(orderId) ?? 0) + 1;
  calls.set(orderId, call);
  // Nobody picks up: an answer that never comes.
  if (service === 'courier' && call < PATIENT_CALL) await new Promise(() => {});
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  return { parcel: `${service === 'post' ? 'P' : 'C'}-${orderId}` };
}
