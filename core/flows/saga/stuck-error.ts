import { CrosstownError } from '../../index.js';

/** A compensation has failed for good: what its step did is still done. */
export class SagaStuckError extends CrosstownError {
  override readonly name = 'SagaStuckError';
  readonly saga: string;
  /** Of the instance. */
  readonly id: string;
  readonly step: string;

  constructor(saga: string, id: string, step: string) {
    const fact = `The saga "${saga}" could not take back the step "${step}" of "${id}"`;
    super('SAGA_STUCK', fact, 'Mend what it needs, and retry its dead letter');
    this.saga = saga;
    this.id = id;
    this.step = step;
  }
}
