import {
  type AnyEvents,
  type BusEvent,
  type BusOptions,
  compilePattern,
  createEventBus,
  type EventBus,
  type EventMap,
  type EventOf,
  type Failure,
  type InspectedEvent,
  type Pattern,
} from '../index.js';
import { SimulatedClock } from './simulated-clock.js';
import { testId } from './test-id.js';

/** An event of a union as a test sees it: every field, and no way to cancel it. */
export type EmittedEvent<E> = E extends BusEvent ? Omit<E, 'cancel'> : never;

/** How a {@link TestEventBus} is made: as any bus, on a simulated clock. */
export interface TestBusOptions extends Omit<BusOptions, 'clock'> {
  /** Buses that reach each other share one, and with it the time and the count their ids are made of. */
  readonly clock?: SimulatedClock;
}

/** A bus that a test looks into. */
export interface TestEventBus<M extends EventMap<M> = AnyEvents> extends EventBus<M> {
  /**
   * What was emitted on this bus so far, in order and as its middleware left it, whether or not anybody handled it;
   * without what a schema or middleware refused, and without what came from other nodes.
   */
  readonly emitted: readonly EmittedEvent<EventOf<M, '**'>>[];
  /**
   * Those of {@link TestEventBus.emitted} whose type matches.
   *
   * @throws InvalidPatternError
   */
  emittedOf<const P extends Pattern<M>>(pattern: P | readonly P[]): readonly EmittedEvent<EventOf<M, P>>[];
  /** What failed so far. The console stays quiet; `onError` is told, if there is one. */
  readonly failures: readonly Failure[];
  /** How many failures there are so far. */
  getErrorCount(): number;
  /** The time of this bus: `await bus.clock.advance(1_000)`. */
  readonly clock: SimulatedClock;
  /**
   * Lets everything run that needs no time: handlers, what they emit, retries without delay, commits to a store in memory.
   * Resolves when nothing is left to do before time goes on or a promise of somebody else settles; it waits for neither.
   * A database or network takes real time: await `emission.persisted`, `bus.waitFor` or `bus.idle()` for those.
   */
  processEvents(): Promise<void>;
}

/**
 * Makes a bus for a test. Its time stands still until `clock.advance`, its failures are kept instead of printed, and its
 * ids are UUIDv7s that count from 1, so that the same test gives the same ids, unless there is a `createId`.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * const bus = createTestEventBus<AppEvents>();
 * startMailer(bus);
 * bus.emit('user.created', { userId: '1' });
 * await bus.processEvents();
 * expect(bus.emitted.map((event) => event.type)).toEqual(['user.created', 'mail.sent']);
 * expect(bus.getErrorCount()).toBe(0);
 */
export function createTestEventBus<M extends EventMap<M> = AnyEvents>(options: TestBusOptions = {}): TestEventBus<M> {
  const { clock = new SimulatedClock(), onError } = options;
  const emitted: InspectedEvent[] = [];
  const failures: Failure[] = [];
  const bus = createEventBus<M>({
    createId: () => testId(clock),
    ...options,
    clock,
    // Returned, as what it returns may reject, and the bus contains that.
    onError: (failure) => {
      failures.push(failure);
      return onError?.(failure);
    },
  });
  bus.inspect((inspection) => {
    if (inspection.kind !== 'emitted' || inspection.node !== undefined) return;
    emitted.push(inspection.event);
    // Ids are made when they are read: read here, they count in order of emission.
    void inspection.event.id;
  });
  const parts: Omit<TestEventBus<M>, keyof EventBus<M>> = {
    emitted: emitted as unknown as TestEventBus<M>['emitted'],
    emittedOf: (pattern) => {
      const matches = compilePattern(pattern);
      return emitted.filter(({ type }) => matches(type)) as never;
    },
    failures,
    getErrorCount: () => failures.length,
    processEvents: () => clock.advance(0),
  };
  // Its clock is the one that was given above.
  return Object.assign(bus, parts) as TestEventBus<M>;
}
