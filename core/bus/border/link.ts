import { SerializationError, TransportError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import type { Transport, TransportHost, TransportState } from '../ports.js';
import { approximateBytes } from './payload.js';

/** A record on its way out, and whom to tell what became of it. */
export interface Parcel {
  readonly record: EventRecord;
  sent?(transport: string): void;
  refused(error: unknown, transport?: string): void;
}

/** Most records in one message: a burst is cut up so that no receiver is stopped for long. */
const LARGEST_BATCH = 1000;

/** One transport in use by one bus. */
export class Link {
  readonly transport: Transport;
  state: TransportState = 'closed';

  constructor(transport: Transport) {
    this.transport = transport;
  }

  async open(host: TransportHost): Promise<void> {
    try {
      await this.transport.open(host);
    } catch (error) {
      host.fault(new TransportError(this.transport.name, 'open', 'Events stay on this node until it can', error));
    }
  }

  /** Sends what can be sent, in order, and says of each parcel whether it was. */
  send(parcels: readonly Parcel[]): void {
    if (this.state === 'closed') return;
    const fitting = parcels.filter((parcel) => this.#fits(parcel));
    for (let start = 0; start < fitting.length; start += LARGEST_BATCH) {
      void this.#publish(fitting.slice(start, start + LARGEST_BATCH));
    }
  }

  async close(): Promise<void> {
    this.state = 'closed';
    await this.transport.close();
  }

  /** Runs without a pause up to the transport's own first wait: a page that is being left has no later. */
  async #publish(batch: readonly Parcel[]): Promise<void> {
    const { name } = this.transport;
    await withoutUnserializable(
      batch,
      (records) => this.transport.publish(records),
      (parcel, error) => parcel.refused(error, name),
      (error) =>
        error instanceof TransportError ? error : new TransportError(name, 'send', 'Look at its cause', error),
      (parcel) => parcel.sent?.(name),
    );
  }

  #fits(parcel: Parcel): boolean {
    const { maxBytes } = this.transport.caps;
    const { data, type } = parcel.record;
    if (maxBytes === Number.POSITIVE_INFINITY || approximateBytes(data, maxBytes) <= maxBytes) return true;
    parcel.refused(new SerializationError(type, 'data', `larger than ${maxBytes} bytes`), this.transport.name);
    return false;
  }
}

/**
 * Hands a batch over whole; while a record in it cannot be carried, refuses that one and tries again without it. Any
 * other failure refuses the whole batch.
 */
export async function withoutUnserializable<R, P extends Parcel>(
  batch: readonly P[],
  attempt: (records: readonly EventRecord[]) => R | Promise<R>,
  refuse: (parcel: P, error: unknown) => void,
  explain: (error: unknown) => unknown,
  done: (parcel: P, result: Awaited<R>, index: number) => void,
): Promise<void> {
  let open = batch;
  while (open.length > 0) {
    try {
      const pending = attempt(open.map((parcel) => parcel.record));
      const result = (pending instanceof Promise ? await pending : pending) as Awaited<R>;
      open.forEach((parcel, index) => {
        done(parcel, result, index);
      });
      return;
    } catch (error) {
      const bad = error instanceof SerializationError ? open[error.index] : undefined;
      if (bad === undefined) {
        const reason = explain(error);
        for (const parcel of open) refuse(parcel, reason);
        return;
      }
      refuse(bad, error);
      open = open.filter((parcel) => parcel !== bad);
    }
  }
}
