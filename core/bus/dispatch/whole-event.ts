import { createOrigin, type Origin } from '../event/event.js';
import { assertEventType } from '../event/pattern.js';
import { assertEnvelope, type EventInit, eventDetails } from './admit.js';
import type { Emission } from './delivery.js';
import type { Dispatcher } from './dispatch.js';

/**
 * Emits an event that is given whole, or handles one of the past again; `as` is who emits it, whatever it says itself.
 *
 * @throws as `emit`
 */
export function emitWhole(
  dispatcher: Dispatcher,
  given: EventInit,
  createId: (() => string) | undefined,
  as: Origin | undefined,
): Emission {
  // Read once: what is checked is what is emitted.
  const init = { ...given };
  assertEventType(init.type);
  assertEnvelope(init);
  const { type, data, timestamp, id, correlationId, causationId, source, local, replay, ...options } = init;
  const details = { ...eventDetails(options, undefined), id, correlationId, causationId };
  const { origin, intake } = dispatcher;
  const own = as ?? (source === undefined ? origin : createOrigin(source, createId));
  const isLocal = local === true;
  if (replay !== undefined) {
    const mark = isLocal ? { ...replay, send: false } : replay;
    return intake.replay(own, type, data, timestamp, details, mark);
  }
  return intake.introduce(own, type, data, timestamp, details, isLocal ? 'local' : 'anywhere');
}
