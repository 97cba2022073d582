import { createTestEventBus, type TestEventBus } from '../../testing/index.js';

/** Lets timers and other runs go on. */
export const pause = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A bus, and what was emitted on it: type, correlation id, and the type of the cause. */
export function recording(): { bus: TestEventBus; told: () => string[] } {
  const bus = createTestEventBus();
  const typeOf = (id: string | undefined) => bus.emitted.find((event) => event.id === id)?.type ?? id;
  const told = () =>
    bus.emitted.map(
      ({ type, correlationId, causationId }) => `${type} ${typeOf(correlationId)} ${typeOf(causationId)}`,
    );
  return { bus, told };
}
