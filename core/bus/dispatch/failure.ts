import type { BusEvent } from '../event/event.js';
import { containRejection, type HandlerInfo } from '../inspection.js';

/** What went wrong and where; handlers go on, whatever it was (D9). */
export type Failure = HandlerFailure | BorderFailure;

/** A handler, or the filter before it, that threw or rejected. */
export interface HandlerFailure {
  readonly stage: 'handler' | 'filter';
  readonly error: unknown;
  readonly event: BusEvent;
  readonly handler: HandlerInfo;
}

/** A store, transport or observer that failed; `event` when it failed for one event. */
export interface BorderFailure {
  readonly stage: 'store' | 'transport' | 'observer';
  readonly error: unknown;
  readonly event: BusEvent | undefined;
}

/** Counts failures and passes each to `onError`, or to the console where there is none; never throws (D9). */
export class FailureReporter {
  count = 0;
  readonly #onError: ((failure: Failure) => unknown) | undefined;

  constructor(onError: ((failure: Failure) => unknown) | undefined) {
    this.#onError = onError;
  }

  readonly report = (failure: Failure): void => {
    this.count++;
    try {
      if (this.#onError === undefined) console.error(...consoleLine(failure));
      else containRejection(this.#onError(failure), complain);
    } catch (error) {
      complain(error);
    }
  };
}

/** Nobody is left to tell but the console, and what it throws helps nobody. */
function complain(error: unknown): void {
  try {
    console.error('[crosstown] onError failed. Mend it.', error);
  } catch {}
}

function consoleLine(failure: Failure): [string, unknown] {
  const event = failure.event === undefined ? '' : ` for "${failure.event.type}"`;
  const who = failure.stage === 'handler' || failure.stage === 'filter' ? ` "${failure.handler.name}"` : '';
  return [`[crosstown] ${failure.stage}${who} failed${event}:`, failure.error];
}
