import type { EventBus, InspectedEvent, Inspection, Observer, Policy } from '../../core/index.js';
import { noteBorder } from './border-notes.js';
import { noteReadBack, noteSettled, noteStarted, noteTrouble } from './call-notes.js';
import { ChainIndex } from './chain-index.js';
import { ChangeLog } from './change-log.js';
import { ChangeSignal } from './change-signal.js';
import { EventLog } from './event-log.js';
import { HandlerBook } from './handler-book.js';
import { Names } from './names.js';
import { Nodes } from './nodes.js';
import { noteOutcome } from './outcome-notes.js';
import { PluginBook } from './plugin-book.js';
import { Refusals } from './refusals.js';
import { RemoteRuns } from './remote-runs.js';
import { RunLog } from './run-log.js';
import { Traffic } from './traffic.js';

/** The part of a bus that a recorder watches. */
export type WatchedBus = Pick<EventBus, 'inspect' | 'name' | 'nodeId' | 'nodes' | 'plugins' | 'policy' | 'source'>;

type Received = Inspection & { readonly kind: 'received' };

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
  /** Middleware that has vetoed. */
  readonly vetoers: Names = new Names('');
  readonly nodes: Nodes;
  readonly events: EventLog;
  readonly runs: RunLog;
  readonly handlers: HandlerBook = new HandlerBook();
  readonly remote: RemoteRuns = new RemoteRuns(REMOTE_CAPACITY);
  readonly traffic: Traffic = new Traffic();
  readonly chains: ChainIndex;
  readonly plugins: PluginBook;
  readonly refusals: Refusals;
  /** Says who may do what on the watched bus; what other nodes allow is not known. */
  readonly policy: Policy;
  /** Events that have left dead letters, by id: one that is tried again comes as another object. */
  readonly dead: Map<string, number> = new Map();
  /** Events that are being handled once more, by a subscription that reads them from the store. */
  readonly readBack: WeakSet<InspectedEvent> = new WeakSet();
  /** Events whose status changed after they were logged. */
  readonly settled: ChangeLog = new ChangeLog();
  readonly changes: ChangeSignal = new ChangeSignal();
  /** Events that came by while recording was paused. */
  missed = 0;
  /** The last event that the bus had no room for and had not told of: it settles next. */
  discarded: InspectedEvent | undefined;
  readonly #bus: WatchedBus;
  #paused = false;
  #stop: (() => void) | undefined;
  /** The record that was received last; its event is emitted next, or there is no room for it. */
  #arrival: Received | undefined;

  /** @param capacity events kept, rounded up to a power of two; twice as many handler runs are kept */
  constructor(bus: WatchedBus, capacity: number = DEFAULT_CAPACITY) {
    this.#bus = bus;
    this.nodes = new Nodes(bus.nodeId);
    this.nodes.describe(bus.nodeId, { source: bus.source });
    this.events = new EventLog(capacity, HISTORY_RESERVE);
    this.runs = new RunLog(this.events.capacity * 2);
    this.chains = new ChainIndex(this.events);
    this.policy = bus.policy;
    this.plugins = new PluginBook(() => bus.plugins);
    this.refusals = new Refusals((...asked) => bus.policy.explain(...asked));
  }

  /** Begins to watch, unless it does already. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = this.#bus.inspect(this.#observe);
    for (const node of this.#bus.nodes) this.nodes.joined(node);
    // Those of the host that were there before are met when they are called.
    for (const { handlers } of this.#bus.plugins) for (const handler of handlers) this.handlers.of(handler);
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
    this.dead.clear();
    this.traffic.clear();
    this.refusals.clear();
    this.missed = 0;
    this.changes.touch();
  }

  /**
   * Gives an event a line, and returns its number; undefined while recording is paused.
   *
   * @param node id of the node it came from; by default that of the record that was received last, if this is its event
   */
  log(at: number, event: InspectedEvent, node: string | undefined = this.#arrivalOf(event)?.node): number | undefined {
    const type = this.types.indexOf(event.type);
    this.traffic.count(type, at, node === undefined);
    if (this.#paused) {
      this.missed++;
      return undefined;
    }
    const transport = node === undefined ? '' : (this.#arrivalOf(event)?.transport ?? '');
    return this.events.append({
      at,
      event,
      type,
      source: this.sources.indexOf(event.source),
      node: node === undefined ? 0 : this.nodes.indexOf(node),
      transport: this.transports.indexOf(transport),
    });
  }

  readonly #observe: Observer = (told) => {
    switch (told.kind) {
      case 'emitted':
        this.log(told.at, told.event, told.node);
        break;
      case 'readBack':
        noteReadBack(this, told);
        break;
      case 'handlerStarted':
        noteStarted(this, told);
        break;
      case 'handlerSettled':
        noteSettled(this, told);
        break;
      case 'settled':
        noteOutcome(this, told);
        break;
      default:
        this.#noted(told);
    }
    this.changes.touch();
  };

  #arrivalOf(event: InspectedEvent): Received | undefined {
    return this.#arrival?.event === event ? this.#arrival : undefined;
  }

  /** What happens seldom, or to few events. */
  #noted(told: Inspection): void {
    switch (told.kind) {
      case 'received':
        this.#arrival = told;
        break;
      case 'filterFailed':
      case 'retried':
      case 'deadLettered':
        noteTrouble(this, told);
        break;
      case 'vetoed':
        this.#vetoed(told);
        break;
      case 'cancelled': {
        const slot = this.events.slotOf(told.event);
        if (slot >= 0 && told.handler !== undefined) {
          this.events.canceller[slot] = this.handlers.of(told.handler).index;
        }
        break;
      }
      case 'subscribed':
        this.handlers.subscribed(told.handler);
        break;
      case 'unsubscribed':
        this.handlers.unsubscribed(told.handler);
        break;
      case 'denied':
        this.refusals.denied(told);
        break;
      case 'pluginInstalling':
      case 'pluginInstalled':
      case 'pluginReplaced':
      case 'pluginUninstalled':
      case 'pluginFailed':
        this.plugins.note(told);
        break;
      default:
        noteBorder(this, told);
    }
  }

  /** Only an event that has passed all middleware is told of as emitted. */
  #vetoed({ at, event, by }: Inspection & { kind: 'vetoed' }): void {
    const sequence = this.log(at, event);
    if (sequence !== undefined) this.events.vetoer[sequence & this.events.mask] = this.vetoers.indexOf(by);
  }
}
