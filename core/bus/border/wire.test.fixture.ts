import type { EventRecord } from '../event/event.js';
import type { Transport, TransportHost } from '../ports.js';
import { locateCloneFault } from './payload.js';

/** A medium in memory that nodes share: it copies as BroadcastChannel does, but at once, and can lose records. */
export class Wire {
  /** Every message that was sent, greetings included. */
  readonly messages: (readonly EventRecord[])[] = [];
  readonly #hosts: TransportHost[] = [];
  readonly #everOpened: TransportHost[] = [];

  /** Which records do not arrive. */
  loses: (record: EventRecord) => boolean = () => false;

  /** A way onto the wire; `caps` as far as they differ from those of BroadcastChannel. */
  transport(caps: Partial<Transport['caps']> = {}): Transport {
    let host: TransportHost | undefined;
    return {
      name: 'wire',
      caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: 1_048_576, ...caps },
      open: (given) => {
        host = given;
        this.#hosts.push(given);
        this.#everOpened.push(given);
        given.state('open');
      },
      publish: (records) => {
        const copy = cloned(records);
        this.messages.push(copy);
        const arriving = copy.filter((record) => !this.loses(record));
        if (arriving.length > 0) this.#bring(arriving, host);
      },
      close: () => {
        if (host !== undefined) this.#hosts.splice(this.#hosts.indexOf(host), 1);
      },
    };
  }

  /** The events that were sent, greetings left out. */
  get events(): readonly EventRecord[] {
    return this.messages.flat().filter(({ type }) => !type.startsWith('$'));
  }

  /** How often a greeting was sent. */
  count(greeting: '$hello' | '$welcome' | '$bye'): number {
    return this.messages.flat().filter(({ type }) => type === greeting).length;
  }

  /** Brings something to every node that none of them sent. */
  inject(payload: unknown): void {
    this.#bring(payload, undefined);
  }

  /** Says to a node that the state of its transport changed, as a page that is left and comes back does. */
  turn(nodeId: string, state: 'open' | 'closing' | 'closed'): void {
    for (const host of this.#everOpened) if (host.nodeId === nodeId) host.state(state);
  }

  #bring(payload: unknown, from: TransportHost | undefined): void {
    for (const host of [...this.#hosts]) if (host !== from) host.receive(payload);
  }
}

function cloned(records: readonly EventRecord[]): readonly EventRecord[] {
  try {
    return structuredClone(records);
  } catch (error) {
    throw locateCloneFault(records, error);
  }
}

/** A record as another node might send it. */
export function recordFrom(node: string, seq: number, fields: Readonly<Record<string, unknown>> = {}): EventRecord {
  const id = `${node}-${seq}`;
  const common = { v: 1, id, type: 'ping', timestamp: 1, source: 'other', correlationId: id, data: seq } as const;
  return { ...common, metadata: {}, priority: 0, node, seq, ...fields };
}
