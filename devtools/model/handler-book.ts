import type { HandlerInfo } from '../../core/index.js';
import { Histogram } from './histogram.js';

/** Most handlers that are told apart; a program that subscribes ever new ones shares the last. */
const MOST_HANDLERS = 2048;

/** What a handler is known by; subscriptions that agree in all of it are one line of the table. */
export interface HandlerIdentity {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly priority: number;
  /** The scope of this bus it was subscribed through, such as a plugin's. */
  readonly scope?: string | undefined;
}

/** What a handler has done since the panel began. */
export class HandlerRecord implements HandlerIdentity {
  readonly index: number;
  /** Number of its node; 0 is this one. */
  readonly node: number;
  readonly name: string;
  readonly patterns: readonly string[];
  readonly priority: number;
  readonly scope: string | undefined;
  readonly durations: Histogram = new Histogram();
  /** Subscriptions made and ended while the panel looked. */
  subscribed = 0;
  unsubscribed = 0;
  /** Subscriptions of this node that were there before, and were met since. */
  older = 0;
  running = 0;
  calls = 0;
  /** Calls that failed, whether they were made again or not. */
  failures = 0;
  /** Calls that were made again. */
  retries = 0;

  constructor(index: number, node: number, identity: HandlerIdentity) {
    this.index = index;
    this.node = node;
    this.name = identity.name;
    this.patterns = identity.patterns;
    this.priority = identity.priority;
    this.scope = identity.scope;
  }

  /** Subscriptions that there are, as far as the panel knows. */
  get live(): number {
    return this.older + this.subscribed - this.unsubscribed;
  }
}

/** Every handler that was heard of, of this node and of others. */
export class HandlerBook {
  readonly #records: HandlerRecord[] = [];
  readonly #byInfo = new WeakMap<HandlerInfo, HandlerRecord>();
  readonly #byKey = new Map<string, HandlerRecord>();

  get all(): readonly HandlerRecord[] {
    return this.#records;
  }

  at(index: number): HandlerRecord | undefined {
    return this.#records[index];
  }

  /** The record of a handler of this node. */
  of(info: HandlerInfo): HandlerRecord {
    const known = this.#byInfo.get(info);
    if (known !== undefined) return known;
    const record = this.#meet(info);
    record.older++;
    return record;
  }

  subscribed(info: HandlerInfo): void {
    this.#meet(info).subscribed++;
  }

  unsubscribed(info: HandlerInfo): void {
    this.of(info).unsubscribed++;
  }

  ofNode(node: number, identity: HandlerIdentity): HandlerRecord {
    const key = JSON.stringify([node, identity.name, identity.priority, identity.patterns, identity.scope]);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const isFull = this.#records.length >= MOST_HANDLERS - 1;
    if (isFull && this.#records.length === MOST_HANDLERS) return this.#records[MOST_HANDLERS - 1] as HandlerRecord;
    const record = new HandlerRecord(
      this.#records.length,
      node,
      isFull ? { name: '(other handlers)', patterns: [], priority: 0 } : identity,
    );
    this.#records.push(record);
    if (!isFull) this.#byKey.set(key, record);
    return record;
  }

  #meet(info: HandlerInfo): HandlerRecord {
    const record = this.ofNode(0, info);
    this.#byInfo.set(info, record);
    return record;
  }
}
