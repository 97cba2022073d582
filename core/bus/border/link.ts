import { SerializationError, TransportError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import type { Transport, TransportHost, TransportState } from '../ports.js';
import { approximateBytes } from './payload-size.js';

/** A record on its way out, and whom to tell what became of it. */
export interface Parcel {
  readonly record: EventRecord;
  sent?(transport: string): void;
  /** `isNews` when no parcel before it was refused for the same error. */
  refused(error: unknown, transport: string, isNews: boolean): void;
}

/** Most records in one message, which holds no more than one record may weigh either: no receiver is stopped for long. */
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
      const remedy = 'Events stay on this node until it can';
      const isPlain = error instanceof TransportError;
      host.fault(isPlain ? error : new TransportError(this.transport.name, 'open', remedy, error));
    }
  }

  /** Sends what can be sent, in order, and says of each parcel whether it was. */
  send(parcels: readonly Parcel[]): void {
    if (this.state === 'closed') return;
    const { maxBytes } = this.transport.caps;
    let batch: Parcel[] = [];
    let total = 0;
    for (const parcel of parcels) {
      const bytes = sizeOf(parcel.record, maxBytes);
      if (bytes > maxBytes) {
        parcel.refused(tooLarge(parcel.record, maxBytes), this.transport.name, true);
        continue;
      }
      total += bytes;
      if (batch.length === LARGEST_BATCH || total > maxBytes) {
        void this.#publish(batch);
        batch = [];
        total = bytes;
      }
      batch.push(parcel);
    }
    if (batch.length > 0) void this.#publish(batch);
  }

  async close(): Promise<void> {
    this.state = 'closed';
    await this.transport.close();
  }

  /** Runs without a pause up to the transport's own first wait: a page that is being left has no later. */
  async #publish(batch: readonly Parcel[]): Promise<void> {
    const { name } = this.transport;
    let told: unknown;
    await withoutUnserializable(
      batch,
      (records) => this.transport.publish(records),
      (parcel, error) => {
        parcel.refused(error, name, told !== error);
        told = error;
      },
      (error) =>
        error instanceof TransportError ? error : new TransportError(name, 'send', 'Look at its cause', error),
      (parcel) => parcel.sent?.(name),
    );
  }
}

function sizeOf(record: EventRecord, limit: number): number {
  try {
    return limit === Number.POSITIVE_INFINITY ? 0 : approximateBytes(record, limit);
  } catch {
    // A getter that throws, or a proxy that was revoked: the transport will say which.
    return 0;
  }
}

function tooLarge({ type, data }: EventRecord, maxBytes: number): SerializationError {
  const path = approximateBytes(data, maxBytes) > maxBytes ? 'data' : 'the record';
  return new SerializationError(type, path, `larger than ${maxBytes} bytes`);
}

/**
 * Hands a batch over whole. When a record in it cannot be carried, refuses that one and hands over what came before it,
 * then what came after it. Any other failure refuses all that was handed over.
 */
export async function withoutUnserializable<R, P extends Parcel>(
  batch: readonly P[],
  attempt: (records: readonly EventRecord[]) => R | Promise<R>,
  refuse: (parcel: P, error: unknown) => void,
  explain: (error: unknown) => unknown,
  done: (parcel: P, result: Awaited<R>, index: number) => void,
): Promise<void> {
  const waiting = [batch];
  for (let open = waiting.pop(); open !== undefined; open = waiting.pop()) {
    if (open.length === 0) continue;
    try {
      const pending = attempt(open.map((parcel) => parcel.record));
      const result = (pending instanceof Promise ? await pending : pending) as Awaited<R>;
      open.forEach((parcel, index) => {
        done(parcel, result, index);
      });
    } catch (error) {
      const at = error instanceof SerializationError ? error.index : -1;
      const bad = open[at];
      if (bad === undefined) {
        const reason = explain(error);
        for (const parcel of open) refuse(parcel, reason);
      } else {
        refuse(bad, error);
        waiting.push(open.slice(at + 1), open.slice(0, at));
      }
    }
  }
}
