import {
  type AnyEvents,
  type BusEvent,
  compilePattern,
  type DataOf,
  definePlugin,
  type EventMap,
  type EventOf,
  type EventType,
  type Pattern,
  type Plugin,
} from '../index.js';
import { Aggregation } from './aggregate/aggregation.js';
import { type AggregateLimits, type AggregateSpan, aggregateRules, type Summarize } from './aggregate/options.js';

export type {
  AggregateLimits,
  AggregateReducer,
  AggregateSpan,
  AggregateWindow,
  Summarize,
} from './aggregate/options.js';

/** The events an aggregate gets: those of its patterns, without the type it emits. */
export type AggregatedEvent<M, P extends string, K extends string> = Exclude<EventOf<M, P>, { readonly type: K }>;

/** Which events are summarized, by what, and what comes of them. */
export type AggregateOptions<M extends EventMap<M>, P extends Pattern<M>, K extends EventType<M>> = AggregateSpan &
  AggregateLimits<AggregatedEvent<M, P, K>> & {
    /** Patterns of the events; the type that is emitted is left out. */
    readonly on: P | readonly P[];
    /** What an event is summarized by, like the id of a user; undefined passes it by. */
    readonly key: (event: AggregatedEvent<M, P, K>) => string | undefined;
    /** Type of the event that carries the summary. */
    readonly emit: K;
    /** Makes the data of that event, of all events of a window in the order they came, or of one after the other. */
    readonly summarize: Summarize<AggregatedEvent<M, P, K>, DataOf<M[K]>>;
  };

/** A plugin that aggregates. */
export interface Aggregate<M extends EventMap<M>> extends Plugin<M> {
  /** Events that came too late for any window, so far. */
  readonly late: number;
  /** Keys that have windows open. */
  readonly keys: number;
  /** Summarizes what is open now, of one key or of all, and begins anew. */
  flush(key?: string): void;
}

/**
 * A plugin that makes one event of many: those of a key and a span of time.
 *
 * `tumbling` and `sliding` windows go by the timestamps of events and begin at multiples since the epoch, so that every
 * node, and every run, puts an event into the same window however long it was on its way; they are summarized when the
 * bus's clock has passed their end by `lateMs`. A `debounce` goes by arrival, on a clock that nobody sets: it asks
 * whether it is quiet now. An event with a timestamp in the future counts as of now, and one that is replayed as late.
 *
 * The summary's cause is the event that came last. When all events of its window have one correlation it has that, too;
 * else it begins its own. When the plugin is uninstalled or replaced, or the bus closes, what is open is summarized
 * first; a crash loses it. A summary that fails, or is refused by `emit`, is reported to `onError` as a `PluginError`.
 *
 * Events are typed by the bus it is installed on; away from `bus.install`, or in a list, `aggregate<AppEvents>()` is
 * what to call with the options.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * await bus.install(
 *   aggregate({
 *     on: 'user.activity.*',
 *     key: (event) => event.data.userId,
 *     mode: 'debounce',
 *     windowMs: 5_000,
 *     maxWaitMs: 60_000,
 *     emit: 'user.activity.summary',
 *     summarize: (events, userId) => ({ userId, count: events.length }),
 *   }),
 * );
 */
export function aggregate<
  M extends EventMap<M> = AnyEvents,
  const P extends Pattern<M> = Pattern<M>,
  const K extends EventType<M> = EventType<M>,
>(options: AggregateOptions<M, P, K>): Aggregate<M>;
export function aggregate<M extends EventMap<M> = AnyEvents>(): <
  const P extends Pattern<M>,
  const K extends EventType<M>,
>(
  options: AggregateOptions<M, P, K>,
) => Aggregate<M>;
export function aggregate(...given: unknown[]): unknown {
  return given.length === 0 ? aggregateOf : aggregateOf(given[0] as Untyped);
}

/** The options whatever the map. */
type Untyped = Parameters<typeof aggregateRules>[0] & { readonly on: string | readonly string[] };

function aggregateOf(options: Untyped): Aggregate<AnyEvents> {
  const rules = aggregateRules(options);
  const { on, name = `aggregate:${rules.emit}` } = options;
  compilePattern(on);
  /** On each bus that it is installed on; two of one bus, while one replaces the other. */
  const running = new Set<Aggregation>();
  let lateBefore = 0;
  const sum = (of: (one: Aggregation) => number): number => [...running].reduce((total, one) => total + of(one), 0);
  return Object.defineProperties(
    definePlugin({
      name,
      permissions: { on, emit: rules.emit },
      setup(scope) {
        const aggregation = new Aggregation(scope, rules);
        running.add(aggregation);
        const take = (event: BusEvent): unknown => aggregation.take(event);
        // Called again it would count an event twice, whatever the bus does with other handlers.
        scope.on(on, take, { name: 'aggregate', retry: { attempts: 1 } });
        return () => {
          running.delete(aggregation);
          lateBefore += aggregation.late;
          aggregation.end();
        };
      },
    }),
    {
      late: { get: () => lateBefore + sum(({ late }) => late) },
      keys: { get: () => sum(({ keys }) => keys) },
      flush: {
        value: (key?: string) => {
          for (const one of running) one.flush(key, 'flush');
        },
      },
    },
  ) as Aggregate<AnyEvents>;
}
