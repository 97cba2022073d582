import {
  type EventRecord,
  PermissionError,
  SerializationError,
  type Transport,
  type TransportCaps,
  type TransportHost,
} from '../../index.js';
import { Asked } from './asked.js';
import { Numbering } from './numbering.js';
import { readOnce } from './read-once.js';

type Matches = (type: string) => boolean;

/** Who is on the other side, and which types it may do what with. */
export interface Restrictions {
  /** The first names the node. */
  readonly sources: readonly string[];
  readonly emit: Matches;
  readonly on: Matches;
  readonly request: Matches;
  readonly respond: Matches;
}

/** Parts the id of a node from its source: no id that comes by here has one. */
const AT = '@';

const GREETINGS: readonly string[] = ['$hello', '$welcome', '$bye'];

const REMEDY = 'Allow it with the permissions of restricted(), or look at what sends it';

/** Longer messages the bus refuses; what is looked at here must have an end, too. */
const LONGEST_MESSAGE = 10_000;

/** Whoever sends one thing that it may not will send more: this much is one burst, and told once. */
const BURST_MS = 1000;

/** Another transport with a guard in front of it, which looks at every record in both directions. */
export class RestrictedTransport implements Transport {
  readonly name: string;
  readonly caps: TransportCaps;
  readonly #transport: Transport;
  readonly #may: Restrictions;
  #host: TransportHost | undefined;
  /** The one node that is heard, by the id it gives itself, and whether another may take its place. */
  #node: string | undefined;
  #isFree = true;
  #arriving = new Numbering();
  readonly #leaving = new Numbering();
  /** Requests of the other side that were let in, and those it was sent. */
  readonly #theirs = new Asked();
  readonly #ours = new Asked();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(transport: Transport, may: Restrictions) {
    this.name = transport.name;
    this.caps = transport.caps;
    this.#transport = transport;
    this.#may = may;
  }

  open(host: TransportHost): void | Promise<void> {
    this.#host ??= host;
    const { name, nodeId, clock } = host;
    return this.#transport.open({
      name,
      nodeId,
      clock,
      receive: (records) => this.#receive(host, records),
      state: (state) => {
        host.state(state);
        // Whoever comes next, like the next page in a frame, is another node.
        if (state === 'closed') this.#isFree = true;
      },
      fault: (error) => host.fault(error),
    });
  }

  publish(records: readonly EventRecord[]): void | Promise<void> {
    const leaving: EventRecord[] = [];
    /** Where each of them stands in what was given. */
    const places: number[] = [];
    for (const [place, record] of records.entries()) {
      const sent = this.#send(record);
      if (sent === undefined) continue;
      leaving.push(sent);
      places.push(place);
    }
    if (leaving.length === 0) return;
    const placed = (error: unknown): unknown =>
      error instanceof SerializationError ? Object.assign(error, { index: places[error.index] }) : error;
    try {
      return this.#transport.publish(leaving)?.catch((error: unknown) => Promise.reject(placed(error)));
    } catch (error) {
      throw placed(error);
    }
  }

  close(): void | Promise<void> {
    return this.#transport.close();
  }

  /** A record as it leaves; undefined for what the other side may not have. */
  #send(record: EventRecord): EventRecord | undefined {
    const { type, node, seq = 0, causationId, request } = record;
    // The bus numbers its own records, and sends those of no other node.
    const isOwn = node === this.#host?.nodeId;
    if (type.startsWith('$')) {
      const isForIt = type !== '$reply' || this.#theirs.has(causationId);
      return isForIt ? { ...record, seq: isOwn ? this.#leaving.last(seq) : seq } : undefined;
    }
    const mayAnswer = request === true && this.#may.respond(type);
    if (!mayAnswer && !this.#may.on(type)) {
      if (isOwn) this.#leaving.skip(seq);
      return undefined;
    }
    if (mayAnswer) this.#ours.add(record.id);
    const { request: _, ...heard } = record;
    // Whoever may only hear it is not asked.
    return { ...(mayAnswer ? record : heard), seq: isOwn ? this.#leaving.of(seq) : seq };
  }

  #receive(host: TransportHost, records: unknown): void {
    let refusal: PermissionError | undefined;
    const refuse = (operation: string, what: string, why: string): null => {
      refusal ??= new PermissionError(this.#may.sources[0] as string, operation, what, why, REMEDY);
      return null;
    };
    let taken: unknown;
    try {
      // In the place of what is refused stands nothing, which the bus counts and shows to observers; as it does what is
      // no list at all.
      const isList = Array.isArray(records) && records.length <= LONGEST_MESSAGE;
      const at = (place: number): unknown => this.#take(host, (records as unknown[])[place], refuse);
      taken = isList ? Array.from({ length: records.length }, (_, place) => at(place)) : undefined;
    } catch {
      // A list that cannot be read is none.
    }
    const now = host.clock.now();
    if (refusal !== undefined && now - this.#toldAt >= BURST_MS) {
      this.#toldAt = now;
      host.fault(refusal);
    }
    host.receive(taken);
  }

  #take(host: TransportHost, candidate: unknown, refuse: Refuse): EventRecord | null {
    const record = readOnce(candidate);
    if (record === undefined) return null;
    const { type, source, node, seq, request } = record;
    if (!this.#may.sources.includes(source))
      return this.#skip(node, seq, refuse('emit as', source, 'that is somebody else'));
    if (node === host.nodeId || node.includes(AT) || !this.#pin(node))
      return refuse('speak for the node', node, 'it is another one');
    const known = { ...record, node: node + AT + this.#may.sources[0] };
    if (type.startsWith('$')) {
      if (type === '$reply')
        return this.#ours.take(record.causationId) ? known : refuse('send', type, 'nobody asked it');
      if (!GREETINGS.includes(type)) return refuse('send', type, 'it is no greeting');
      return { ...known, data: undefined, metadata: {}, seq: this.#arriving.last(seq) };
    }
    const [operation, may] =
      request === true ? (['request', this.#may.request] as const) : (['emit', this.#may.emit] as const);
    if (!may(type))
      return this.#skip(node, seq, refuse(operation, type, `no pattern of its "${operation}" matches it`));
    if (request === true) this.#theirs.add(record.id);
    return { ...known, seq: this.#arriving.of(seq) };
  }

  #skip(node: string, seq: number, refused: null): null {
    if (node === this.#node) this.#arriving.skip(seq);
    return refused;
  }

  #pin(node: string): boolean {
    if (this.#isFree && node !== this.#node) {
      this.#node = node;
      this.#arriving = new Numbering();
    }
    this.#isFree = false;
    return node === this.#node;
  }
}

type Refuse = (operation: string, what: string, why: string) => null;
