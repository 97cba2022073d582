import { CrosstownError, type EmitResult } from '../../index.js';

/** A batch that was not emitted as it should have been: refused, vetoed, dropped, or not stored. */
export class BatchError extends CrosstownError {
  override readonly name = 'BatchError';
  readonly type: string;
  readonly items: readonly unknown[];
  /** How often it was emitted. */
  readonly attempts: number;
  /** What became of the event; undefined when `emit` threw, which is the cause then. */
  readonly status: EmitResult['status'] | undefined;

  constructor(
    type: string,
    items: readonly unknown[],
    attempts: number,
    result: EmitResult | undefined,
    cause: unknown,
  ) {
    const fact = `A batch of ${items.length} for "${type}" ${fate(result)} at attempt ${attempts}`;
    super('BATCH', fact, remedy(result), cause);
    this.type = type;
    this.items = items;
    this.attempts = attempts;
    this.status = result?.status;
  }
}

/** A call on a batcher that was closed, or whose bus or scope was. */
export class BatcherClosedError extends CrosstownError {
  override readonly name = 'BatcherClosedError';

  constructor(type: string) {
    const remedy = 'Add before the clean-ups of its scope, or the close of its bus, are over';
    super('BATCHER_CLOSED', `The batcher of "${type}" is closed`, remedy);
  }
}

function fate(result: EmitResult | undefined): string {
  if (result === undefined) return 'was refused by emit';
  if (result.status === 'vetoed') return `was vetoed by ${result.vetoedBy}`;
  return result.status === 'dropped' ? 'was dropped' : 'was not stored';
}

function remedy(result: EmitResult | undefined): string {
  if (result?.status === 'vetoed') return 'Let it pass, or allow more attempts with retry';
  return 'Look at its cause, or allow more attempts with retry';
}
