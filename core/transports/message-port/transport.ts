import {
  type EventRecord,
  locateCloneFault,
  type Transport,
  type TransportCaps,
  TransportError,
  type TransportHost,
} from '../../index.js';
import { packBatch, unpackBatch } from '../batch/batch.js';
import type { Door } from './door.js';
import { doorTo, type MessagePortEnd } from './end.js';
import { Greeter } from './greeter.js';
import { Nodes } from './nodes.js';
import type { Session, SessionOwner } from './session.js';

/** How often a record is handed on from port to port: hubs that form a ring must not pass it round for ever. */
const MOST_HOPS = 4;

/** What a transport over ports can be told. */
export interface PortTransportParts {
  readonly maxBytes: number;
  readonly backlog: number;
  readonly relay: boolean;
}

/** One bus, and everybody it reaches through its doors. */
export class PortTransport implements Transport, SessionOwner {
  readonly name = 'message-port';
  readonly caps: TransportCaps;
  readonly backlog: number;
  readonly #relays: boolean;
  readonly #closed = new AbortController();
  #host: TransportHost | undefined;
  /** Doors, and who greets at them once the transport is open. */
  readonly #doors = new Map<Door, Greeter | undefined>();
  /** Sessions whose other side is there, and the nodes behind each. */
  readonly #sessions = new Map<Session, Nodes>();
  /** The only one that is sent to while the bus says hello to it. */
  #newcomer: Session | undefined;
  /** The last refusal of something that was handed on: one report for all it stands for. */
  #told: unknown;

  constructor({ maxBytes, backlog, relay }: PortTransportParts) {
    this.caps = Object.freeze({ order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes });
    this.backlog = backlog;
    this.#relays = relay;
  }

  /** Talks to whoever is there from now on; what it returns ends that. */
  add(end: MessagePortEnd): () => void {
    const door = doorTo(end);
    this.#doors.set(door, undefined);
    if (this.#host !== undefined && !this.#closed.signal.aborted) this.#greetAt(door, this.#host);
    return () => {
      this.#doors.get(door)?.close();
      this.#doors.delete(door);
    };
  }

  open(host: TransportHost): void {
    const again = new Error('it was opened or closed before');
    if (this.#closed.signal.aborted || this.#host !== undefined)
      throw this.#failed('open', 'Make one transport for each bus', again);
    this.#host = host;
    for (const door of this.#doors.keys()) this.#greetAt(door, host);
    // Workers and Node have no window, and nobody leaves them.
    if (typeof window !== 'undefined') this.#followPage(window, host);
  }

  publish(records: readonly EventRecord[]): void | Promise<void> {
    if (this.#sessions.size === 0)
      throw this.#failed('send', 'Send while it is open', new Error('nobody has answered'));
    const targets = this.#newcomer === undefined ? this.#sessions.keys() : [this.#newcomer];
    try {
      return this.#send(targets, packBatch(records), records.length);
    } catch (error) {
      // Ports refuse nothing but values, and a getter among them may throw anything.
      throw locateCloneFault(records, error);
    }
  }

  close(): void {
    this.#closed.abort();
    this.#host = undefined;
    for (const greeter of this.#doors.values()) greeter?.close();
  }

  answered(session: Session): void {
    const isFirst = this.#sessions.size === 0;
    if (!this.#sessions.has(session)) this.#sessions.set(session, new Nodes());
    this.#newcomer = session;
    // A bus says hello when its transport opens: for one that comes later that has to happen once more.
    if (!isFirst) this.#host?.state('closed');
    this.#host?.state('open');
    this.#newcomer = undefined;
  }

  brought(session: Session, message: unknown): void {
    const records = unpackBatch(message);
    if (Array.isArray(records)) {
      this.#sessions.get(session)?.note(records);
      if (this.#relays && records !== message) this.#handOn(session, message as Relayed, records.length);
    }
    this.#host?.receive(records);
  }

  garbled(): void {
    this.#host?.fault(this.#failed('read a message', 'Look for a value that only its sender can read'));
  }

  wanted(): void {}

  ended(session: Session, stays = false): void {
    const host = this.#host;
    const nodes = this.#sessions.get(session);
    if (!stays) this.#sessions.delete(session);
    if (host === undefined || nodes === undefined) return;
    const farewells = nodes.farewells(host.clock);
    if (farewells.length > 0) {
      if (this.#relays) this.#handOn(session, packBatch(farewells), farewells.length);
      host.receive(farewells);
    }
    if (this.#sessions.size === 0) host.state('closed');
  }

  /** To each alike: what one has no room for the others get, and the call fails. */
  #send(sessions: Iterable<Session>, message: object, records: number): void | Promise<void> {
    const pending: Promise<void>[] = [];
    for (const session of sessions) {
      try {
        const sent = session.send(message, records);
        if (sent !== undefined) pending.push(sent);
      } catch (error) {
        if (error instanceof TransportError) {
          pending.push(Promise.reject(error));
          continue;
        }
        // What others make of it is nobody's business any more.
        void Promise.allSettled(pending);
        throw error;
      }
    }
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => {});
  }

  /** What arrives by one port to all others, below the bus: each node takes a record once, and its own not at all. */
  #handOn(from: Session, message: Relayed, records: number): void {
    const hops = ((message.hops as number) >>> 0) + 1;
    if (hops > MOST_HOPS) return;
    const others = [...this.#sessions.keys()].filter((session) => session !== from);
    this.#send(others, { ...message, hops }, records)?.catch((error: unknown) => {
      if (this.#told === error) return;
      this.#told = error;
      this.#host?.fault(error);
    });
  }

  #greetAt(door: Door, host: TransportHost): void {
    const greeter = new Greeter(door, this, (error) => host.fault(error));
    this.#doors.set(door, greeter);
    greeter.arrive();
  }

  /** A page that is left takes leave, and greets again when it comes back. */
  #followPage(page: Window, host: TransportHost): void {
    const { signal } = this.#closed;
    const leave = (): void => {
      if (this.#sessions.size > 0) host.state('closing');
      for (const greeter of this.#doors.values()) greeter?.leave();
    };
    const comeBack = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) for (const greeter of this.#doors.values()) greeter?.arrive();
    };
    page.addEventListener('pagehide', leave, { signal });
    page.addEventListener('pageshow', comeBack, { signal });
  }

  #failed(operation: string, remedy: string, cause?: unknown): TransportError {
    return new TransportError(this.name, operation, remedy, cause);
  }
}

/** A batch, and how often it was handed on. */
type Relayed = object & { readonly hops?: unknown };
