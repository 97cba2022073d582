import type { AnyEvents, EventBus, EventCause, EventMap, EventScope, PluginScope, Scope } from '../index.js';
import { type EmitArguments, type Emitter, emitOn, Links } from './correlate/links.js';
import { type ChainStorage, storageOf } from './correlate/storage.js';

export type { ChainStorage } from './correlate/storage.js';

/** A bus whose events are those of one chain; what is emitted with a `correlationId` of its own is not. */
export interface Chain<M extends EventMap<M> = AnyEvents> extends Pick<EventScope<M>, 'emit' | 'request'> {
  /** What all events of the chain have. */
  readonly correlationId: string;
}

/** A bus whose events join the chain of the run they are emitted in, if it is known; made with {@link chained}. */
export interface Chained<M extends EventMap<M> = AnyEvents> extends Pick<EventScope<M>, 'emit' | 'request'> {
  /** That of the chain an event would join now. */
  readonly correlationId: string | undefined;
}

/** How runs are found again behind an `await`. */
export interface ChainedOptions {
  /**
   * An `AsyncLocalStorage` for this alone, the same for `correlate` and `chained`; null for none. By default that of the
   * runtime: Node, Deno and Bun have one, and Cloudflare with `nodejs_compat`. With `nodejs_als` alone it has to be
   * imported and given; browsers have none.
   */
  readonly storage?: ChainStorage | null | undefined;
}

/** How a chain begins. */
export interface CorrelateOptions extends ChainedOptions {
  /** Goes on with a chain; by default the cause's, else a new one. */
  readonly correlationId?: string | undefined;
  /** What all events of the chain follow from; by default the first that is emitted. */
  readonly cause?: EventCause | undefined;
}

/** What has events that can be chained. */
type Source<M extends EventMap<M>> = EventBus<M> | Scope<M> | PluginScope<M> | Chain<M> | Chained<M>;

/**
 * Runs a function whose events have one correlation id: those it emits and requests by the chain it is given, wherever
 * that goes, and, where the runtime has an `AsyncLocalStorage`, those that are emitted by a view made with
 * {@link chained} in it, also after an `await`. Where there is none, as in browsers, only the chain itself counts.
 *
 * The cause of an event is the one that it names, else `options.cause`, else the first event of the chain; a request
 * does not show its event, so it is nobody's cause. Runs may overlap; one within another begins a chain of its own,
 * unless it is told which to go on with. Returns what the function returns, and throws what it throws.
 *
 * Handlers are no part of the run, even when they are called in it: what they emit with `delivery.emit` has the event's
 * correlation id anyway, and `correlate(bus, run, { cause: event })` goes on with its chain for what they call.
 *
 * @throws InvalidOptionError
 * @example
 * await correlate(bus, async (chain) => {
 *   chain.emit('workflow.started', { userId });
 *   const profile = await chain.request('profile.get', { userId });
 *   chain.emit('workflow.completed', { profile });
 * });
 */
export function correlate<M extends EventMap<M>, T>(
  bus: Source<M>,
  run: (chain: Chain<M>) => T,
  options: CorrelateOptions = {},
): T {
  const storage = storageOf(options.storage);
  const links = new Links(options.correlationId, options.cause);
  const emitter = bus as unknown as Emitter;
  const chain = {
    get correlationId() {
      return links.correlationId;
    },
    emit: (...given: EmitArguments) => links.emit(emitter, storage, given),
    request: (...given: EmitArguments) => links.request(emitter, storage, given),
  } as unknown as Chain<M>;
  return storage === undefined ? run(chain) : storage.run(links, () => run(chain));
}

/**
 * A view of a bus or scope for code that is not handed a chain: what it emits and requests joins the chain of the run
 * of {@link correlate} it is called in, on whichever bus that began. Outside of one, and where the runtime has no
 * `AsyncLocalStorage`, it emits as the bus does. A bus itself joins nothing, and one that is used in a run, also by a
 * batcher that is filled there, takes the run along into its handlers: use the view in its place, or give the handlers'
 * own runs a `cause`.
 *
 * @throws InvalidOptionError
 * @example
 * const app = chained(bus);
 * const greet = async (userId: string) => {
 *   await saved(userId);
 *   app.emit('user.greeted', { userId });
 * };
 * await correlate(bus, () => greet('1'));
 */
export function chained<M extends EventMap<M>>(bus: Source<M>, options: ChainedOptions = {}): Chained<M> {
  const storage = storageOf(options.storage);
  const emitter = bus as unknown as Emitter;
  const current = (): Links | undefined => {
    const store = storage?.getStore();
    return store instanceof Links ? store : undefined;
  };
  return {
    get correlationId() {
      return current()?.correlationId;
    },
    emit: (...given: EmitArguments) => current()?.emit(emitter, storage, given) ?? emitOn(emitter, given),
    request: (...given: EmitArguments) =>
      current()?.request(emitter, storage, given) ?? emitter.request(...(given as [string])),
  } as unknown as Chained<M>;
}
