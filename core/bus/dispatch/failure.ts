import type { BusEvent } from '../event/event.js';
import { containRejection, type HandlerInfo } from '../inspection.js';

/** What went wrong and where; handlers go on, whatever it was (D9). */
export type Failure = EventFailure | BorderFailure;

/** What went wrong with one event before or in its handlers; part of the emission's result. */
export type EventFailure = HandlerFailure | AdmissionFailure;

/** A handler, or the filter before it, that threw or rejected. */
export interface HandlerFailure {
  readonly stage: 'handler' | 'filter';
  readonly error: unknown;
  readonly event: BusEvent;
  readonly handler: HandlerInfo;
  /** How often the handler was called; 0 when it never was. */
  readonly attempts: number;
}

/** A middleware or schema that failed or refused: what was emitted here is vetoed, what another node sent is dropped (G5). */
export interface AdmissionFailure {
  readonly stage: 'middleware' | 'schema';
  readonly error: unknown;
  readonly event: BusEvent;
  /** Name of the middleware, or `schema`. */
  readonly by: string;
}

/**
 * A store, transport, observer, report of a failure, or timer or clean-up of a plugin that failed; `event` when it failed
 * for one event.
 */
export interface BorderFailure {
  readonly stage: 'store' | 'transport' | 'observer' | 'report' | 'plugin';
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
  const name = 'handler' in failure ? failure.handler.name : failure.stage === 'middleware' ? failure.by : '';
  const who = name === '' ? '' : ` "${name}"`;
  return [`[crosstown] ${failure.stage}${who} failed${event}:`, failure.error];
}
