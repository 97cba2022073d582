import { type BusEvent, CrosstownError } from '../../index.js';

/** What is the same however often it is tried: it leaves its dead letter at once, and others do not wait for it. */
const LASTING = ['SAGA_STUCK', 'SAGA_NO_ID', 'SAGA_NOT_ENDED', 'SAGA_FACTS_LOST'];

/** Whether it may be the store, or the bus, that could not do it now. */
export const isWorthATry = (error: unknown): boolean =>
  !(error instanceof CrosstownError && LASTING.includes(error.code));

/** The option `id` does not tell which instance an event is of. */
export function noId(name: string, { type }: BusEvent, cause: unknown): CrosstownError {
  const fact = `The saga "${name}" cannot tell whose "${type}" is`;
  return new CrosstownError('SAGA_NO_ID', fact, 'Have its id return a text, or undefined for what is of nobody', cause);
}

/** What it says at its end cannot be made, or gets nowhere. */
export function notEnded(name: string, id: string, as: 'completed' | 'failed', cause: unknown): CrosstownError {
  const fact = `The saga "${name}" could not emit that "${id}" has ${as}`;
  return new CrosstownError('SAGA_NOT_ENDED', fact, `Mend its ${as}, and retry this dead letter`, cause);
}

/** Facts were stored and are not there: to go on would be to send without end. */
export function factsLost(name: string, id: string): CrosstownError {
  const fact = `The saga "${name}" does not find the facts of "${id}" that it has stored`;
  return new CrosstownError('SAGA_FACTS_LOST', fact, 'Let the store keep more events');
}
