/**
 * For tests of code that stands on a bus, with any runner: a bus that shows what was emitted and what failed, on a clock
 * that the test moves. For tests of a store or a transport of your own: what each of them must do, as cases.
 *
 * @module
 * @example
 * import { createTestEventBus } from 'crosstown/testing';
 *
 * const bus = createTestEventBus<AppEvents>();
 * startMailer(bus);
 * bus.emit('user.created', { userId: '1' });
 * await bus.processEvents();
 * expect(bus.emitted.map((event) => event.type)).toEqual(['user.created', 'mail.sent']);
 */
export type { ConformanceCase } from './conformance-case.js';
export {
  createTestEventBus,
  type EmittedEvent,
  type TestBusOptions,
  type TestEventBus,
} from './create-test-event-bus.js';
export { SimulatedClock, type SimulatedClockOptions } from './simulated-clock.js';
export { eventStoreConformance } from './store-conformance.js';
export { transportConformance } from './transport-conformance.js';
