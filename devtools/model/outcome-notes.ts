import type { Inspection } from '../../core/index.js';
import type { Recorder } from './recorder.js';
import { DROPPED, ERROR, settledStatus } from './status.js';

/** Writes down what became of an event. */
export function noteOutcome(recorder: Recorder, told: Inspection & { kind: 'settled' }): void {
  const { at, event, status, delivered, failures } = told;
  const { events, reasons, traffic } = recorder;
  if (failures > 0) traffic.failures += failures;
  const isUntold = status === 'dropped' && recorder.discarded === event;
  const sequence = events.sequenceOf(event) ?? (isUntold ? recorder.log(at, event) : undefined);
  if (sequence === undefined) return;
  const slot = sequence & events.mask;
  if (isUntold) events.reason[slot] = reasons.indexOf('queue-full');
  // An event whose dead letter is tried again settles once more.
  if (Number.isNaN(events.duration[slot]) && !events.isStandIn(event)) {
    events.status[slot] = Math.max(events.status[slot] as number, settledStatus(status, delivered, failures));
    events.handlers[slot] = delivered;
    events.failures[slot] = failures;
    events.duration[slot] = at - (events.at[slot] as number);
  } else {
    events.forget(event);
    const failed = (events.failures[slot] as number) + failures;
    events.failures[slot] = failed;
    events.status[slot] =
      failed > 0 ? ERROR : events.reason[slot] === 0 ? settledStatus(status, delivered, 0) : DROPPED;
  }
  recorder.settled.push(sequence);
}
