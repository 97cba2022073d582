import type { Clock } from '../clock.js';
import type { Dispatcher } from '../dispatch/dispatch.js';
import type { Exit } from '../dispatch/exit.js';
import type { Failure } from '../dispatch/failure.js';
import { StoreError, TransportError } from '../errors.js';
import type { BusEvent } from '../event/event.js';
import { compilePattern } from '../event/pattern.js';
import type { BusOptions } from '../event-bus.js';
import type { NodeInfo } from '../inspection.js';
import type { TransportHost, TransportState } from '../ports.js';
import type { Codecs } from './codecs.js';
import { Consumers } from './consumers.js';
import type { Decode } from './history.js';
import { Inbound, type InboundParts } from './inbound.js';
import { Link } from './link.js';
import { Outbound } from './outbound.js';
import { Presence } from './presence.js';
import { type ReplyParts, sendReply } from './reply.js';

/** Everything between this node and its store and transports. */
export class Border {
  readonly #options: BusOptions;
  readonly #clock: Clock;
  readonly #dispatcher: Dispatcher;
  readonly #report: (failure: Failure) => void;
  readonly consumers: Consumers;
  readonly #links: readonly Link[];
  readonly #outbound: Outbound;
  readonly #presence: Presence;
  readonly #inbound: Inbound;
  readonly #codecs: Codecs | undefined;
  /** Answers that are being encoded. */
  readonly #replies = new Set<Promise<void>>();
  #opened = false;
  #closed = false;

  constructor(
    options: BusOptions,
    source: string,
    clock: Clock,
    dispatcher: Dispatcher,
    report: (failure: Failure) => void,
    arrivals: Pick<InboundParts, 'replied' | 'asked' | 'takes'>,
    codecs: Codecs | undefined,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#dispatcher = dispatcher;
    this.#report = report;
    this.#codecs = codecs;
    this.#links = (options.transports ?? []).map((transport) => new Link(transport));
    const { share = '**', persist = '**', store } = options;
    const shared = {
      nodeId: () => dispatcher.nodeId,
      store,
      inspector: () => dispatcher.inspector,
      codecs,
      report: (stage: 'store' | 'transport', error: unknown, event: BusEvent | undefined) =>
        report({ stage, error, event }),
    };
    this.#outbound = new Outbound({
      ...shared,
      persists: compilePattern(persist),
      durability: options.durability ?? 'relaxed',
      links: this.#links,
      shares: typeof share === 'function' ? share : compilePattern(share),
      eager: options.eager === true,
      checkPayloads: options.checkPayloads === true,
      stored: (ref) => this.consumers.stored(ref.store, ref.offset),
    });
    this.consumers = new Consumers({
      store,
      clock,
      dispatcher,
      inspector: shared.inspector,
      report: (error) => report({ stage: 'store', error, event: undefined }),
      keeps: (type) => this.#outbound.keeps(type),
      between: (work) => this.#outbound.between(work),
      rested: () => dispatcher.onIdle(),
      decode: codecs && this.decode,
      forbids: (record) => this.#inbound.forbids(record),
    });
    this.#presence = new Presence({
      ...shared,
      source,
      clock,
      sent: () => this.#outbound.sent,
      sequence: () => this.#outbound.sequence,
    });
    const reply: ReplyParts = { ...shared, source, clock, sent: () => this.#outbound.sent };
    this.#inbound = new Inbound({
      ...shared,
      clock,
      dispatcher,
      presence: this.#presence,
      reply: (link, request, answer) => {
        if (!this.#closed) this.#track(sendReply(reply, link, request, answer));
      },
      ...arrivals,
      stored: (...place) => this.consumers.stored(...place),
    });
  }

  /** What dispatch hands events to; the transports are opened by the first one. */
  get exit(): Exit {
    return {
      offer: (emission, route) => {
        if (!this.#opened) this.open();
        return this.#outbound.offer(emission, route);
      },
      keeps: (type) => this.#outbound.keeps(type),
      reaches: (type) => this.#outbound.reaches(type),
    };
  }

  get nodes(): readonly NodeInfo[] {
    return this.#presence.nodes;
  }

  get counts(): { readonly received: number; readonly dropped: number } {
    return this.#inbound.counts;
  }

  /** Whether something is being stored or sent: `settled` waits for that. */
  get leaving(): boolean {
    return this.#outbound.busy || this.#replies.size > 0;
  }

  /** Whether something that arrived waits for what is missing before it, or something stored for its handlers. */
  get holding(): boolean {
    return this.#inbound.busy || this.consumers.busy;
  }

  open(): void {
    if (this.#opened || this.#closed) return;
    this.#opened = true;
    for (const link of this.#links) void link.open(this.#host(link));
  }

  async settled(): Promise<void> {
    await this.#outbound.settled();
    await Promise.all(this.#replies);
  }

  /** A stored record as it was emitted; undefined when a codec refuses it, which is told. */
  readonly decode: Decode = (record) =>
    this.#codecs === undefined
      ? record
      : this.#codecs.decode(record, (error) => this.#inbound.undecodable(undefined, record, error));

  /** Takes nothing from other nodes any more. */
  stopTaking(): void {
    this.#inbound.close();
  }

  async close(): Promise<void> {
    await this.settled();
    const consumed = this.consumers.close();
    // What is being decoded is for nobody any more.
    this.#codecs?.close();
    await consumed;
    for (const link of this.#links) if (link.state === 'open') this.#presence.say('$bye', link);
    this.#closed = true;
    const remedy = 'Look at its cause';
    const closing = this.#links.map(async (link) => {
      try {
        await link.close();
      } catch (cause) {
        const error = new TransportError(link.transport.name, 'close', remedy, cause);
        this.#report({ stage: 'transport', error, event: undefined });
      }
    });
    const { store } = this.#options;
    try {
      await store?.close();
    } catch (cause) {
      this.#report({
        stage: 'store',
        error: new StoreError(`${store?.name}`, 'close', remedy, cause),
        event: undefined,
      });
    }
    await Promise.all(closing);
  }

  #track(work: Promise<void> | undefined): void {
    if (work === undefined) return;
    this.#replies.add(work);
    void work.then(() => this.#replies.delete(work));
  }

  #host(link: Link): TransportHost {
    return {
      name: this.#options.name ?? 'crosstown',
      nodeId: this.#dispatcher.nodeId,
      clock: this.#clock,
      receive: (records) => this.#inbound.receive(link, records),
      state: (state) => this.#turn(link, state),
      fault: (error) => this.#report({ stage: 'transport', error, event: undefined }),
    };
  }

  #turn(link: Link, state: TransportState): void {
    // A page that comes back may still have the transport of a bus that was closed.
    if (this.#closed) return;
    if (state === 'closing' && link.state === 'open') this.#presence.say('$bye', link);
    const opening = state === 'open' && link.state !== 'open';
    link.state = state;
    if (opening) this.#presence.say('$hello', link);
  }
}
