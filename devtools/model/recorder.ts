import type { EventBus, HandlerInfo, InspectedEvent, Inspection, Observer } from '../../core/index.js';
import { noteBorder } from './border-notes.js';
import { ChainIndex } from './chain-index.js';
import { ChangeLog } from './change-log.js';
import { ChangeSignal } from './change-signal.js';
import { EventLog } from './event-log.js';
import { HandlerBook } from './handler-book.js';
import { Names } from './names.js';
import { Nodes } from './nodes.js';
import { RemoteRuns } from './remote-runs.js';
import { RunLog } from './run-log.js';
import { settledStatus } from './status.js';
import { Traffic } from './traffic.js';

/** The part of a bus that a recorder watches. */
export type WatchedBus = Pick<EventBus, 'inspect' | 'name' | 'nodeId' | 'nodes' | 'source'>;

const DEFAULT_CAPACITY = 2 ** 16;
const REMOTE_CAPACITY = 2 ** 14;
/** Events of the store that can be put before the first one seen. */
export const HISTORY_RESERVE = 1024;

/** Writes down what a bus's inspection says, in bounded memory, and knows nothing of who looks at it. */
export class Recorder {
  readonly types: Names = new Names();
  readonly sources: Names = new Names();
  readonly transports: Names = new Names('');
  readonly reasons: Names = new Names('');
  readonly nodes: Nodes;
  readonly events: EventLog;
  readonly runs: RunLog;
  readonly handlers: HandlerBook = new HandlerBook();
  readonly remote: RemoteRuns = new RemoteRuns(REMOTE_CAPACITY);
  readonly traffic: Traffic = new Traffic();
  readonly chains: ChainIndex;
  /** Events whose status changed after they were logged. */
  readonly settled: ChangeLog = new ChangeLog();
  readonly changes: ChangeSignal = new ChangeSignal();
  /** Events that came by while recording was paused. */
  missed = 0;
  readonly #bus: WatchedBus;
  #paused = false;
  #stop: (() => void) | undefined;
  /** The transport of the record that was received last; its event is emitted next. */
  #arrival: { readonly event: InspectedEvent; readonly transport: string } | undefined;

  /** @param capacity events kept, rounded up to a power of two; twice as many handler runs are kept */
  constructor(bus: WatchedBus, capacity: number = DEFAULT_CAPACITY) {
    this.#bus = bus;
    this.nodes = new Nodes(bus.nodeId);
    this.nodes.describe(bus.nodeId, { source: bus.source });
    this.events = new EventLog(capacity, HISTORY_RESERVE);
    this.runs = new RunLog(this.events.capacity * 2);
    this.chains = new ChainIndex(this.events);
  }

  /** Begins to watch, unless it does already. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = this.#bus.inspect(this.#observe);
    for (const node of this.#bus.nodes) this.nodes.joined(node);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** While paused, new events are counted and not kept; what is already logged goes on. */
  set paused(paused: boolean) {
    this.#paused = paused;
    this.changes.touch();
  }

  /** Forgets events, runs and counts; handlers keep their statistics. */
  clear(): void {
    this.events.clear();
    this.runs.clear();
    this.remote.clear();
    this.chains.clear();
    this.traffic.clear();
    this.missed = 0;
    this.changes.touch();
  }

  readonly #observe: Observer = (told) => {
    switch (told.kind) {
      case 'emitted':
        this.#emitted(told.at, told.event, told.node);
        break;
      case 'handlerStarted':
        this.#started(told.at, told.event, told.handler);
        break;
      case 'handlerSettled':
        this.#handled(told);
        break;
      case 'settled':
        this.#finished(told);
        break;
      default:
        this.#noted(told);
    }
    this.changes.touch();
  };

  #emitted(at: number, event: InspectedEvent, node: string | undefined): void {
    const type = this.types.indexOf(event.type);
    this.traffic.count(type, at, node === undefined);
    if (this.#paused) {
      this.missed++;
      return;
    }
    const arrived = node !== undefined && this.#arrival?.event === event ? this.#arrival.transport : '';
    this.events.append({
      at,
      event,
      type,
      source: this.sources.indexOf(event.source),
      node: node === undefined ? 0 : this.nodes.indexOf(node),
      transport: this.transports.indexOf(arrived),
    });
  }

  #started(at: number, event: InspectedEvent, info: HandlerInfo): void {
    const handler = this.handlers.of(info);
    handler.running++;
    const { events } = this;
    const slot = events.slotOf(event);
    if (slot < 0) return;
    events.lastRun[slot] = this.runs.begin(handler.index, at, events.lastRun[slot] as number);
    events.handlers[slot] = (events.handlers[slot] as number) + 1;
  }

  #handled({ event, handler: info, durationMs, outcome, error }: Inspection & { kind: 'handlerSettled' }): void {
    const handler = this.handlers.of(info);
    const failed = outcome === 'failed';
    handler.calls++;
    if (handler.running > 0) handler.running--;
    if (failed) handler.failures++;
    const slot = this.events.slotOf(event);
    const last = slot < 0 ? -1 : (this.events.lastRun[slot] as number);
    const began = this.runs.end(last, handler.index, durationMs, failed, error);
    // A call that began unobserved is told with a duration of 0.
    if (began || durationMs > 0) handler.durations.record(durationMs);
  }

  /** A filter that threw is shown as a call that failed at once: it is why the handler was not called. */
  #filterFailed({ at, event, handler: info, error }: Inspection & { kind: 'filterFailed' }): void {
    const handler = this.handlers.of(info);
    handler.failures++;
    const slot = this.events.slotOf(event);
    if (slot < 0) return;
    const run = this.runs.begin(handler.index, at, this.events.lastRun[slot] as number);
    this.events.lastRun[slot] = run;
    this.runs.end(run, handler.index, 0, true, error);
  }

  #finished({ at, event, status, delivered, failures }: Inspection & { kind: 'settled' }): void {
    if (failures > 0) this.traffic.failures += failures;
    const { events } = this;
    const sequence = events.sequenceOf(event);
    if (sequence === undefined) return;
    const slot = sequence & events.mask;
    events.status[slot] = Math.max(events.status[slot] as number, settledStatus(status, delivered, failures));
    events.handlers[slot] = delivered;
    events.failures[slot] = failures;
    events.duration[slot] = at - (events.at[slot] as number);
    this.settled.push(sequence);
  }

  /** What happens seldom, or to few events. */
  #noted(told: Inspection): void {
    switch (told.kind) {
      case 'received':
        this.#arrival = told;
        break;
      case 'filterFailed':
        this.#filterFailed(told);
        break;
      case 'cancelled': {
        const slot = this.events.slotOf(told.event);
        if (slot >= 0 && told.handler !== undefined) {
          this.events.canceller[slot] = this.handlers.of(told.handler).index;
        }
        break;
      }
      case 'subscribed':
        this.handlers.of(told.handler).subscribed++;
        break;
      case 'unsubscribed':
        this.handlers.of(told.handler).unsubscribed++;
        break;
      default:
        noteBorder(this, told);
    }
  }
}
