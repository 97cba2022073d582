import type { Clock } from '../clock.js';
import type { Answer } from '../dispatch/delivery.js';
import type { Dispatcher } from '../dispatch/dispatch.js';
import type { Route } from '../dispatch/exit.js';
import { type EventEnvelope, type EventRecord, eventFromRecord } from '../event/event.js';
import type { DropReason, Inspector } from '../inspection.js';
import type { EventStore } from '../ports.js';
import type { Codecs } from './codecs.js';
import { GapFinder } from './gap.js';
import { Line } from './line.js';
import type { Link } from './link.js';
import { type Arrival, Peer, type PeerParts } from './peer.js';
import { MOST_NODES, type Presence } from './presence.js';
import { readOnce, recordFault, type SentRecord } from './record-check.js';
import { readReply } from './reply.js';

/** Most records in one message: ten times what a node sends. An array's length alone costs its sender nothing. */
const LONGEST_MESSAGE = 10_000;

/** How many records wait for a codec: one that is slow must not fill the memory. */
const MOST_ENCODED = 10_000;

/** What inbound is made of. */
export interface InboundParts {
  readonly nodeId: () => string;
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly presence: Presence;
  /** Answers a request that came over `link`. */
  readonly reply: (link: Link, request: EventRecord, answer: Answer) => void;
  /** Takes the answer to a request. */
  readonly replied: (id: string | undefined, answer: Answer) => void;
  /** Whether an event, or a request, of that source is to be taken. */
  readonly takes: (source: string, type: string, isRequest: boolean) => boolean;
  /** The type of a request of this node that waits for an answer. */
  readonly asked: (id: string | undefined) => string | undefined;
  readonly codecs: Codecs | undefined;
  readonly store: EventStore | undefined;
  /** An event came from a node that has stored it. */
  readonly stored: (store: string | undefined, offset: number | undefined) => void;
  readonly inspector: () => Inspector | null;
  readonly report: (stage: 'store' | 'transport', error: unknown, event: EventEnvelope | undefined) => void;
}

/** Records from other nodes: checked, taken once, put in order, and dispatched like any event. */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #peerParts: PeerParts;
  readonly #peers = new Map<string, Peer>();
  readonly #oldest = this.#peers.keys();
  /** In a store that several nodes write to, an event is its sender's to put. */
  readonly #route: Route;
  /** What is being decoded, and what arrived behind it. */
  readonly #line: Line;
  /** Nodes whose records wait for missing ones. */
  #holding = 0;
  #received = 0;
  #dropped = 0;
  #closed = false;

  constructor(parts: InboundParts) {
    const { clock, dispatcher, inspector, report, store } = parts;
    const shared = store?.caps.shared === true ? store : undefined;
    this.#parts = parts;
    this.#line = new Line(dispatcher.onIdle);
    this.#route = shared === undefined ? 'local' : 'nowhere';
    this.#peerParts = {
      clock,
      finder: shared && new GapFinder(shared, (error) => this.#closed || report('store', error, undefined)),
      deliver: (arrival) => this.#deliver(arrival),
      repeated: ({ link, record }) => this.#drop('duplicate', link, record),
      missed: (node, gap, filled) => inspector()?.tell({ kind: 'gap', node, ...gap, filled }),
      holds: (holding) => {
        this.#holding += holding ? 1 : -1;
        if (this.#holding === 0) dispatcher.onIdle();
      },
    };
  }

  /** Events taken, and records refused, since the bus began. */
  get counts(): { readonly received: number; readonly dropped: number } {
    return { received: this.#received, dropped: this.#dropped };
  }

  get busy(): boolean {
    return this.#holding > 0 || this.#line.size > 0;
  }

  /** Takes whatever a transport brings and never throws. */
  receive(link: Link, payload: unknown): void {
    if (this.#closed) return;
    let welcome = false;
    try {
      if (!Array.isArray(payload)) this.#drop('malformed', link);
      else if (payload.length > LONGEST_MESSAGE) this.#drop('too-many', link);
      else for (const candidate of payload) if (this.#take(link, candidate)) welcome = true;
    } catch (error) {
      this.#drop('malformed', link, undefined, error);
    }
    // Once for all of a message: one that names a thousand nodes must not be answered a thousand times.
    if (welcome) this.#parts.presence.say('$welcome', link);
  }

  /** Whether a record of another node is not to be taken, which is told then: one that arrived, or was read from the store. */
  forbids(record: EventRecord, link?: Link): boolean {
    const { takes, nodeId } = this.#parts;
    if (record.node === undefined || record.node === nodeId()) return false;
    if (takes(record.source, record.type, record.request === true)) return false;
    this.#drop('forbidden', link, record);
    return true;
  }

  /** A codec has refused a record that arrived, or was read from the store. */
  undecodable(link: Link | undefined, record: EventRecord, error: unknown): void {
    // Without the event: what came in plain, and should not have, is not to be spread.
    if (this.#parts.codecs?.isNews() === true) {
      this.#parts.report(link === undefined ? 'store' : 'transport', error, undefined);
    }
    this.#drop('undecodable', link, record, error);
  }

  /** Takes nothing any more, nor what was found or waits. */
  close(): void {
    this.#closed = true;
    this.#holding = 0;
    this.#line.clear();
    for (const peer of this.#peers.values()) peer.close();
  }

  /** Takes one record; true when its node may not know of this one. */
  #take(link: Link, arrived: unknown): boolean {
    try {
      if (this.#closed) return false;
      const candidate = readOnce(arrived);
      const fault = recordFault(candidate, link.transport.caps.maxBytes, arrived);
      if (fault !== undefined) {
        this.#drop(fault, link);
        return false;
      }
      const record = candidate as SentRecord;
      if (record.node === this.#parts.nodeId()) return false;
      if (record.type.startsWith('$')) return this.#greet(link, record);
      const isNew = this.#parts.presence.met(record.node, record.source, link, false);
      this.#peer(record.node, record.seq).take({ link, record });
      return isNew;
    } catch (error) {
      this.#drop('malformed', link, undefined, error);
      return false;
    }
  }

  #greet(link: Link, record: SentRecord): boolean {
    const { presence, codecs } = this.#parts;
    const { type, node, source, seq, causationId } = record;
    if (type === '$reply') {
      // Every node hears the answers to all others.
      const asked = this.#parts.asked(causationId);
      if (asked === undefined) return false;
      if (codecs === undefined) this.#replied(link, record);
      else this.#decode(codecs, link, record, asked, (decoded) => this.#replied(link, decoded));
      return false;
    }
    if (type !== '$hello' && type !== '$welcome' && type !== '$bye') {
      this.#drop('unsupported-version', link);
      return false;
    }
    const peer = this.#peer(node, seq + 1);
    if (type === '$bye') {
      presence.left(node);
      peer.left(seq);
      return false;
    }
    presence.met(node, source, link, true);
    peer.sent(seq);
    return type === '$hello';
  }

  #peer(node: string, first: number): Peer {
    let peer = this.#peers.get(node);
    if (peer === undefined) {
      if (this.#peers.size >= MOST_NODES) this.#peers.delete(this.#oldest.next().value as string);
      peer = new Peer(node, first, this.#peerParts);
      this.#peers.set(node, peer);
    }
    return peer;
  }

  #deliver({ link, record }: Arrival): void {
    const { codecs } = this.#parts;
    if (this.#closed || this.forbids(record, link)) return;
    if (codecs === undefined) this.#dispatch(link, record, false);
    else {
      this.#decode(codecs, link, record, record.type, (decoded) =>
        this.#dispatch(link, decoded, codecs.isSealed(record, decoded)),
      );
    }
  }

  /** Has `take` get what a codec makes of a record, when all that arrived before it was taken. */
  #decode<R extends EventRecord>(
    codecs: Codecs,
    link: Link | undefined,
    record: R,
    type: string,
    take: (decoded: R) => void,
  ): void {
    const { stored } = this.#parts;
    if (this.#line.size >= MOST_ENCODED) {
      this.#drop('too-many', link, record);
      stored(record.store, record.offset);
      return;
    }
    const refused = (error: unknown): void => {
      if (!this.#closed) this.undecodable(link, record, error);
    };
    this.#line.put(codecs.decode(record, refused, type), (decoded) => {
      try {
        if (decoded !== undefined) take(decoded);
        else stored(record.store, record.offset);
      } catch (error) {
        // What a codec makes may be anything, and must not stop what is behind it.
        this.#drop('malformed', link, record, error);
      }
    });
  }

  #replied(link: Link, { data, causationId }: SentRecord): void {
    const answer = readReply(data);
    if (answer === undefined) this.#drop('malformed', link);
    else this.#parts.replied(causationId, answer);
  }

  #dispatch(link: Link | undefined, record: SentRecord, isSealed: boolean): void {
    if (this.#closed) return;
    this.#received++;
    const event = eventFromRecord(record);
    const inspector = this.#parts.inspector();
    const transport = link?.transport.name ?? 'store';
    inspector?.tell({ kind: 'received', event: inspector.view(event), transport, node: record.node });
    try {
      const refused = (error: unknown): void => this.#drop('invalid', link, record, error);
      const emission = this.#parts.dispatcher.intake.arrive(event, this.#route, refused, isSealed);
      if (record.request === true && link !== undefined) {
        emission.ask((answer) => {
          this.#parts.reply(link, record, answer);
          return true;
        });
      }
    } catch (error) {
      this.#drop('malformed', link, record, error);
    }
    this.#parts.stored(record.store, record.offset);
  }

  #drop(reason: DropReason, link: Link | undefined, record?: EventRecord, error?: unknown): void {
    this.#dropped++;
    const inspector = this.#parts.inspector();
    if (inspector === null) return;
    const event = record === undefined ? undefined : inspector.view(eventFromRecord(record));
    inspector.tell({ kind: 'dropped', reason, event, transport: link?.transport.name, error });
  }
}
