import type { Dispatcher } from '../dispatch/dispatch.js';
import { type EventEnvelope, type EventRecord, eventFromRecord } from '../event/event.js';
import type { DropReason, Inspector } from '../inspection.js';
import type { EventStore } from '../ports.js';
import { findInStore } from './gap.js';
import type { Link } from './link.js';
import { type Presence, presenceTypes } from './presence.js';
import { recordFault, type SentRecord } from './record-check.js';

/** How many events are remembered so that none is handled twice, and how many wait while a gap is filled. */
const WINDOW = 10_000;

/** What inbound is made of. */
export interface InboundParts {
  readonly nodeId: () => string;
  readonly dispatcher: Dispatcher;
  readonly presence: Presence;
  readonly store: EventStore | undefined;
  readonly inspector: () => Inspector | null;
  readonly report: (stage: 'store' | 'transport', error: unknown, event: EventEnvelope | undefined) => void;
}

/** What is known of another node's records. */
interface Peer {
  /** The sequence its next record should have. */
  next: number | undefined;
  /** First and last sequence of gaps not looked up yet. */
  readonly missing: { readonly from: number; readonly to: number }[];
  /** Records that wait while missing ones are looked up; undefined when nothing is. */
  held: { readonly link: Link; readonly record: SentRecord }[] | undefined;
}

/** Records from other nodes: checked, told apart from those seen before, put in order, and dispatched like any event. */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #seen = new Set<string>();
  readonly #peers = new Map<string, Peer>();
  /** Nodes whose gaps are being filled. */
  #filling = 0;
  #received = 0;
  #dropped = 0;

  constructor(parts: InboundParts) {
    this.#parts = parts;
  }

  /** Events taken, and records refused, since the bus began. */
  get counts(): { readonly received: number; readonly dropped: number } {
    return { received: this.#received, dropped: this.#dropped };
  }

  get busy(): boolean {
    return this.#filling > 0;
  }

  /** Takes whatever a transport brings and never throws. */
  receive(link: Link, payload: unknown): void {
    if (!Array.isArray(payload)) this.#drop('malformed', link);
    else
      for (const candidate of payload) {
        try {
          this.#take(link, candidate);
        } catch (error) {
          this.#drop('malformed', link, undefined, error);
        }
      }
  }

  #take(link: Link, candidate: unknown): void {
    const fault = recordFault(candidate, link.transport.caps.maxBytes);
    if (fault !== undefined) {
      this.#drop(fault, link);
      return;
    }
    const record = candidate as SentRecord;
    if (record.node === this.#parts.nodeId()) return;
    if (presenceTypes.has(record.type)) this.#greet(link, record);
    else if (record.type.startsWith('$')) this.#drop('unsupported-version', link);
    else {
      if (this.#parts.presence.met(record.node, record.source, link)) this.#parts.presence.say('$hello', link);
      this.#order(link, record);
    }
  }

  #greet(link: Link, record: SentRecord): void {
    const { presence } = this.#parts;
    if (record.type === '$bye') {
      presence.left(record.node);
      this.#peers.delete(record.node);
      return;
    }
    presence.met(record.node, record.source, link);
    if (record.type === '$hello') presence.say('$welcome', link);
    const sequence = (record.data as { seq?: unknown } | null | undefined)?.seq;
    if (Number.isSafeInteger(sequence)) this.#expect(record.node, (sequence as number) + 1);
  }

  /** Sees by the sequence, never by the clock, whether something is missing before record `sequence` (T7). */
  #expect(node: string, sequence: number): Peer {
    let peer = this.#peers.get(node);
    if (peer === undefined) {
      peer = { next: undefined, missing: [], held: undefined };
      this.#peers.set(node, peer);
    }
    if (peer.next !== undefined && sequence > peer.next) {
      peer.missing.push({ from: peer.next, to: sequence - 1 });
      if (peer.held === undefined) void this.#fill(node, peer);
    }
    if (peer.next === undefined || sequence > peer.next) peer.next = sequence;
    return peer;
  }

  #order(link: Link, record: SentRecord): void {
    if (record.seq === undefined) {
      this.#dispatch(link, record);
      return;
    }
    const peer = this.#expect(record.node, record.seq);
    if (peer.next === record.seq) peer.next = record.seq + 1;
    if (peer.held === undefined) this.#dispatch(link, record);
    else if (peer.held.length < WINDOW) peer.held.push({ link, record });
    else this.#drop('too-many', link, record);
  }

  /** Looks missing records up in the store this node shares with their sender, and holds back what came after them. */
  async #fill(node: string, peer: Peer): Promise<void> {
    const { store, inspector } = this.#parts;
    peer.held = [];
    this.#filling++;
    for (let gap = peer.missing.shift(); gap !== undefined; gap = peer.missing.shift()) {
      // Without a shared store there is nothing to wait for.
      const filled = store?.caps.shared === true ? await this.#recover(store, node, gap) : 0;
      inspector()?.tell({ kind: 'gap', node, ...gap, filled });
    }
    const { held } = peer;
    peer.held = undefined;
    for (const { link, record } of held) this.#dispatch(link, record);
    this.#filling--;
    if (!this.busy) this.#parts.dispatcher.onIdle();
  }

  async #recover(store: EventStore, node: string, gap: { from: number; to: number }): Promise<number> {
    try {
      const found = await findInStore(store, node, gap.from, gap.to);
      for (const { record } of found) this.#dispatch(undefined, record as SentRecord);
      return found.length;
    } catch (error) {
      this.#parts.report('store', error, undefined);
      return 0;
    }
  }

  #dispatch(link: Link | undefined, record: SentRecord): void {
    if (this.#seen.has(record.id)) {
      this.#drop('duplicate', link, record);
      return;
    }
    this.#remember(record.id);
    this.#received++;
    const event = eventFromRecord(record);
    const inspector = this.#parts.inspector();
    const transport = link?.transport.name ?? 'store';
    inspector?.tell({ kind: 'received', event: inspector.view(event), transport, node: record.node });
    // In a store that several nodes write to, an event is its sender's to put.
    this.#parts.dispatcher.dispatch(event, this.#parts.store?.caps.shared === true ? 'arrived' : 'local');
  }

  #remember(id: string): void {
    if (this.#seen.size >= WINDOW)
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    this.#seen.add(id);
  }

  #drop(reason: DropReason, link: Link | undefined, record?: EventRecord, error?: unknown): void {
    this.#dropped++;
    const inspector = this.#parts.inspector();
    if (inspector === null) return;
    const event = record === undefined ? undefined : inspector.view(eventFromRecord(record));
    inspector.tell({ kind: 'dropped', reason, event, transport: link?.transport.name, error });
  }
}
