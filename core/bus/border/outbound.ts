import type { LiveEmission } from '../dispatch/delivery.js';
import type { Exit, Route } from '../dispatch/exit.js';
import type { LazyPromise } from '../dispatch/lazy-promise.js';
import { CodecError, SerializationError, StoreError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import type { DropReason, Inspector } from '../inspection.js';
import type { Durability, EventStore, StoredRef } from '../ports.js';
import type { Codecs } from './codecs.js';
import { type Link, type Parcel, withoutUnserializable } from './link.js';
import { findPayloadFault } from './payload.js';

/** What is stored and what is sent, and where to. */
export interface OutboundParts {
  readonly nodeId: () => string;
  readonly store: EventStore | undefined;
  readonly persists: (type: string) => boolean;
  readonly durability: Durability;
  readonly links: readonly Link[];
  readonly shares: (type: string) => boolean;
  /** Send without waiting for the commit. */
  readonly eager: boolean;
  readonly checkPayloads: boolean;
  readonly codecs: Codecs | undefined;
  readonly inspector: () => Inspector | null;
  readonly report: (stage: 'store' | 'transport', error: unknown, event: LiveEmission['event'] | undefined) => void;
  readonly stored: (ref: StoredRef) => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Events leave in the order they were emitted: one that needs no commit waits for those before it that do. */
export class Outbound implements Exit {
  readonly #parts: OutboundParts;
  /** By type: stored, sent. */
  readonly #rules = new Map<string, { readonly persist: boolean; readonly share: boolean }>();
  #line: OutgoingEvent[] = [];
  #flushing: Promise<void> | undefined;
  /** Batches that wait for a commit, and the sends behind them. */
  #commits = 0;
  #tail: Promise<void> = Promise.resolve();
  /** Ends when all that was offered so far is encoded; undefined while nothing waits for that. */
  #encoding: Promise<unknown> | undefined;
  /** What has to be done before anything more is stored. */
  #before: Promise<unknown> | undefined;
  #sequence = 0;
  #sent = 0;

  constructor(parts: OutboundParts) {
    this.#parts = parts;
  }

  /** The sequence of the last record meant for other nodes. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The sequence of the last record that was handed to the transports. */
  get sent(): number {
    return this.#sent;
  }

  get busy(): boolean {
    return this.#flushing !== undefined || this.#commits > 0;
  }

  offer(emission: LiveEmission, route: Route): boolean {
    if (route === 'nowhere') return false;
    const rule = this.#rule(emission.event.type);
    const persist = rule.persist && route !== 'unstored';
    const send = rule.share && route !== 'local';
    if (!persist && !send) return false;
    const parcel = new OutgoingEvent(this.#parts, emission, persist, send);
    if (this.#parts.checkPayloads && !parcel.check(this.#carriers(persist, send))) return false;
    if (send) parcel.address(this.#parts.nodeId(), ++this.#sequence);
    this.#line.push(parcel);
    this.#flushing ??= Promise.resolve().then(() => {
      this.#flushing = undefined;
      this.#flush();
    });
    return persist && this.#parts.durability === 'strict';
  }

  /** Whether events of a type are stored. */
  keeps(type: string): boolean {
    return this.#rule(type).persist;
  }

  /** Whether events of a type are sent to other nodes. */
  reaches(type: string): boolean {
    return this.#rule(type).share;
  }

  /** Does some work when all that was offered so far is stored or refused, and before anything offered later is. */
  async between<T>(work: () => Promise<T>): Promise<T> {
    this.#flush();
    const done = this.#tail.then(work);
    const before = Promise.allSettled([this.#before, done]);
    this.#before = before;
    try {
      return await done;
    } finally {
      await before;
      if (this.#before === before) this.#before = undefined;
    }
  }

  /** Resolves when everything offered so far is stored and sent, or refused. */
  async settled(): Promise<void> {
    while (this.busy) {
      await this.#flushing;
      await this.#tail;
    }
  }

  #flush(): void {
    const parcels = this.#line;
    this.#line = [];
    const { codecs } = this.#parts;
    if (codecs === undefined) this.#leave(parcels, undefined);
    else this.#encode(codecs, parcels);
  }

  /** Has records encoded; from the first on that has to be waited for, all wait, as none may overtake another. */
  #encode(codecs: Codecs, parcels: readonly OutgoingEvent[]): void {
    let told: string | undefined;
    const refused = (parcel: OutgoingEvent, error: unknown): void => {
      // A codec without a key fails every event alike: one report for the batch.
      const isNews = !(error instanceof CodecError && error.message === told);
      if (isNews && error instanceof CodecError) told = error.message;
      parcel.unencoded(error, isNews);
    };
    let ready = parcels.length;
    const pending: Promise<void>[] = [];
    parcels.forEach((parcel, index) => {
      const encoding = parcel.encode(codecs, refused);
      if (encoding === undefined) return;
      if (pending.length === 0) ready = index;
      pending.push(encoding);
    });
    if (this.#encoding !== undefined) ready = 0;
    else if (pending.length > 0) this.#encoding = Promise.resolve();
    if (ready > 0 || this.#encoding === undefined) this.#leave(parcels.slice(0, ready), undefined);
    if (this.#encoding === undefined) return;
    this.#encoding = Promise.all([this.#encoding, ...pending]);
    this.#leave(parcels.slice(ready), this.#encoding);
  }

  /** Stores and sends, when what `encoding` stands for is encoded. */
  #leave(parcels: readonly OutgoingEvent[], encoding: Promise<unknown> | undefined): void {
    const { eager } = this.#parts;
    const stays = encoding === undefined && this.#commits === 0 && !parcels.some(({ persist }) => persist);
    if (encoding === undefined && (eager || stays)) this.#send(parcels);
    if (stays) return;
    this.#commits++;
    const before = this.#before;
    const committed =
      encoding === undefined
        ? this.#commit(parcels, before)
        : encoding.then(() => {
            if (this.#encoding === encoding) this.#encoding = undefined;
            if (eager) this.#send(parcels);
            return this.#commit(parcels, before);
          });
    this.#tail = this.#tail
      .then(() => committed)
      .then(() => {
        this.#commits--;
        if (!eager) this.#send(parcels);
      });
  }

  async #commit(offered: readonly OutgoingEvent[], before: Promise<unknown> | undefined): Promise<void> {
    const { store, durability } = this.#parts;
    const parcels = offered.filter((parcel) => parcel.persist);
    if (store === undefined || parcels.length === 0) return;
    if (before !== undefined) await before;
    let told: unknown;
    await withoutUnserializable(
      parcels,
      (records) => store.append(records, { durability }),
      (parcel, error) => {
        // A store that is down fails every event alike: one report for the batch.
        parcel.unstored(error, told !== error);
        told = error;
      },
      (error) =>
        error instanceof StoreError ? error : new StoreError(store.name, 'append', 'Look at its cause', error),
      (parcel, refs, index) => parcel.stored(refs[index]),
    );
  }

  #send(parcels: readonly OutgoingEvent[]): void {
    const leaving = parcels.filter((parcel) => parcel.send);
    if (leaving.length === 0) return;
    for (const link of this.#parts.links) link.send(leaving);
    this.#sent = leaving.at(-1)?.record.seq ?? this.#sent;
  }

  #rule(type: string): { readonly persist: boolean; readonly share: boolean } {
    let rule = this.#rules.get(type);
    if (rule === undefined) {
      const { store, persists, links, shares } = this.#parts;
      rule = { persist: store !== undefined && persists(type), share: links.length > 0 && shares(type) };
      if (this.#rules.size >= 4096) this.#rules.clear();
      this.#rules.set(type, rule);
    }
    return rule;
  }

  #carriers(persist: boolean, send: boolean): Set<'structured-clone' | 'json'> {
    const carriers = new Set<'structured-clone' | 'json'>();
    if (persist) carriers.add('structured-clone');
    if (send) for (const link of this.#parts.links) carriers.add(link.transport.caps.carries);
    return carriers;
  }
}

/** One event on its way to the store and to other nodes. */
class OutgoingEvent implements Parcel {
  record: Writable<EventRecord>;
  persist: boolean;
  send: boolean;
  readonly #parts: OutboundParts;
  readonly #emission: LiveEmission;
  readonly #ticket: LazyPromise<StoredRef | undefined> | undefined;

  constructor(parts: OutboundParts, emission: LiveEmission, persist: boolean, send: boolean) {
    this.#parts = parts;
    this.#emission = emission;
    this.record = emission.event.toRecord();
    this.persist = persist;
    this.send = send;
    if (persist) this.#ticket = emission.awaitCommit();
  }

  address(node: string, sequence: number): void {
    this.record.node = node;
    this.record.seq = sequence;
  }

  /** Refuses the event now, with a stack that leads to its emit, if it would not arrive as it is. */
  check(carriers: ReadonlySet<'structured-clone' | 'json'>): boolean {
    for (const carrier of carriers) {
      const fault = findPayloadFault(this.record, carrier);
      if (fault === undefined) continue;
      const error = new SerializationError(this.record.type, fault.path, fault.problem);
      if (this.persist) this.unstored(error, true);
      else this.refused(error, undefined, true);
      return false;
    }
    return true;
  }

  /** Has its record encoded where a codec covers it; the promise, if there is one, never rejects. */
  encode(codecs: Codecs, refused: (parcel: OutgoingEvent, error: unknown) => void): Promise<void> | undefined {
    try {
      const encoded = codecs.encode(this.record);
      if (!(encoded instanceof Promise)) {
        this.record = encoded;
        return undefined;
      }
      return encoded.then(
        (record) => {
          this.record = record;
        },
        (error) => refused(this, error),
      );
    } catch (error) {
      refused(this, error);
      return undefined;
    }
  }

  /** It does not leave in any way: what could not be encoded must not be seen. */
  unencoded(error: unknown, isNews: boolean): void {
    const stage = this.persist ? 'store' : 'transport';
    this.persist = false;
    this.send = false;
    this.#ticket?.reject(error);
    if (isNews) this.#parts.report(stage, error, this.#emission.event);
    this.#dropped('not-serializable', error, undefined);
  }

  stored(ref: StoredRef | undefined): void {
    if (ref !== undefined) {
      this.record.store = ref.store;
      this.record.offset = ref.offset;
      const inspector = this.#parts.inspector();
      inspector?.tell({ kind: 'stored', event: inspector.view(this.#emission.event), ref });
      this.#parts.stored(ref);
    }
    this.#ticket?.resolve(ref);
  }

  unstored(error: unknown, report: boolean): void {
    // What the store cannot copy no transport can either.
    const unserializable = error instanceof SerializationError;
    if (unserializable) this.send = false;
    this.#ticket?.reject(error);
    if (report) this.#parts.report('store', error, this.#emission.event);
    this.#dropped(unserializable ? 'not-serializable' : 'store-failed', error, undefined);
  }

  sent(transport: string): void {
    const inspector = this.#parts.inspector();
    inspector?.tell({ kind: 'sent', event: inspector.view(this.#emission.event), transport });
  }

  refused(error: unknown, transport: string | undefined, isNews: boolean): void {
    // A transport that is down fails every event alike: one report for the batch.
    if (isNews) this.#parts.report('transport', error, this.#emission.event);
    this.#dropped(error instanceof SerializationError ? 'not-serializable' : 'transport-failed', error, transport);
  }

  #dropped(reason: DropReason, error: unknown, transport: string | undefined): void {
    const inspector = this.#parts.inspector();
    inspector?.tell({ kind: 'dropped', reason, event: inspector.view(this.#emission.event), transport, error });
  }
}
