import type { DataOf, EventBus, EventMap, EventScope, EventType, PluginScope, Scope } from '../index.js';
import { Batching } from './batch/batching.js';
import { type BatcherOptions, batchRules } from './batch/options.js';

export { BatchError, BatcherClosedError } from './batch/errors.js';
export type { BatcherOptions, FailedBatch } from './batch/options.js';

/** The types of a map whose data is `{ items: [...] }`, and of a bus without a map, all. */
export type BatchType<M> = string extends keyof M
  ? string
  : { [K in EventType<M>]: DataOf<M[K]> extends { readonly items: readonly unknown[] } ? K : never }[EventType<M>];

/** What a batch of type `K` is made of. */
export type BatchItem<M, K extends string> = K extends keyof M
  ? DataOf<M[K]> extends { readonly items: readonly (infer T)[] }
    ? T
    : unknown
  : unknown;

/** Gathers items and emits them as events with many. */
export interface Batcher<T> {
  /** Items that were added and are in no batch that is done. */
  readonly pending: number;
  /** Items there was no room for, so far. */
  readonly dropped: number;
  /**
   * Puts an item into the next batch; where that is full, it has been emitted when this returns, unless another is under
   * way.
   *
   * @throws QueueFullError, BatcherClosedError
   */
  add(item: T): void;
  /** Resolves when there is room for one more. @throws BatcherClosedError as a rejection */
  room(): Promise<void>;
  /**
   * Emits what is pending; resolves when all of it is done, however often that is tried.
   *
   * @throws BatchError as a rejection, the first of the batches that failed for good
   */
  flush(): Promise<void>;
  /** Emits what is pending, tries each batch once more at most, and ends; resolves then. */
  close(): Promise<void>;
}

/**
 * Gathers what comes in many small pieces and emits it in batches, events whose data is `{ items: [...] }`: an object,
 * so that fields can be added to it later, and one type for each batcher, so that items are typed.
 *
 * A batch is emitted when `size` items are pending, `intervalMs` after the first of them came, and by `flush`. One is
 * under way at a time: until its handlers have settled and it is stored, the next one waits, and grows up to `size`. When
 * the page is hidden or left, by `close`, and when the bus or scope it was made on is closed, all that is pending is
 * emitted at once, in order, behind what is under way.
 *
 * A batch that is vetoed, dropped, refused or not stored is emitted again, under the same id, as handlers may have got
 * it; the others wait behind it, but for those that a page's end has emitted already. One that fails for good goes to `onFailed`, or to the bus's `onError` with its items.
 * What its handlers fail at is theirs to try again. No handler of its batches may await `flush` or `close`, as it would
 * wait for itself; with `queue.concurrency` that is so for any handler.
 *
 * @throws InvalidOptionError, BusClosedError, ScopeClosedError
 * @example
 * const tracker = createBatcher(bus, { type: 'analytics.batch', size: 50, intervalMs: 30_000 });
 * tracker.add({ name: 'click', at: Date.now() });
 * await tracker.flush();
 */
export function createBatcher<M extends EventMap<M>, const K extends BatchType<M>>(
  bus: EventBus<M> | Scope<M> | PluginScope<M>,
  options: BatcherOptions<K, BatchItem<M, K>>,
): Batcher<BatchItem<M, K>> {
  const rules = batchRules(options as unknown as BatcherOptions);
  // A bus says that it closes to scopes alone, and reports what fails in them.
  const own = 'onDispose' in bus ? undefined : bus.scope({ source: `batch:${rules.type}`, permissions: {} });
  const scope = own ?? (bus as Scope<M>);
  const batching = new Batching(bus as unknown as EventScope, scope.clock, rules);
  scope.onDispose(async () => {
    await batching.drain();
    batching.failures.throwRest();
  });
  return {
    get pending() {
      return batching.pending;
    },
    get dropped() {
      return batching.dropped;
    },
    add: (item) => batching.add(item),
    room: () => batching.room(),
    flush: () => batching.flush(),
    close: async () => {
      await batching.drain();
      await own?.close();
    },
  };
}
