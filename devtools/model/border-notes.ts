import type { Inspection } from '../../core/index.js';
import { neverCalled } from './call-notes.js';
import type { Recorder } from './recorder.js';
import { DROPPED as CALL_DROPPED } from './run-log.js';
import { DROPPED } from './status.js';

/** What stands where a record that was refused has no type. */
const REFUSED_TYPE = '(refused record)';

/** Writes down what stores, transports, full queues and other nodes have to do with events. */
export function noteBorder(recorder: Recorder, told: Inspection): void {
  const { events, nodes, traffic } = recorder;
  switch (told.kind) {
    case 'stored': {
      const slot = events.slotOf(told.event);
      if (slot >= 0) events.offset[slot] = told.ref.offset;
      break;
    }
    case 'sent': {
      const slot = events.slotOf(told.event);
      if (slot >= 0) events.sent[slot] = (events.sent[slot] as number) + 1;
      break;
    }
    case 'dropped':
      if (told.reason === 'queue-full') noteFull(recorder, told);
      else noteDropped(recorder, told);
      break;
    case 'gap':
      traffic.lost += told.to - told.from + 1 - told.filled;
      break;
    case 'nodeJoined':
      nodes.joined(told.node);
      break;
    case 'nodeLeft':
      nodes.left(told.node);
  }
}

/** There was no room for an event: on the bus, which then has it settle, or for one of its handlers or a stream. */
function noteFull(recorder: Recorder, { at, event, handler }: Inspection & { kind: 'dropped' }): void {
  const { events, reasons, settled, traffic } = recorder;
  traffic.discarded++;
  if (event === undefined) return;
  const sequence = events.sequenceOf(event);
  if (sequence === undefined) {
    if (handler === undefined) recorder.discarded = event;
    return;
  }
  if (handler !== undefined) neverCalled(recorder, event, handler, at, CALL_DROPPED);
  const slot = sequence & events.mask;
  events.status[slot] = Math.max(events.status[slot] as number, DROPPED);
  events.reason[slot] = reasons.indexOf('queue-full');
  settled.push(sequence);
}

/** An event that is known keeps its line; a record that never became an event gets one of its own. */
function noteDropped(recorder: Recorder, told: Inspection & { kind: 'dropped' }): void {
  const { events, types, sources, transports, reasons, refusals, settled, traffic } = recorder;
  const { at, reason, event, transport } = told;
  refusals.dropped(told);
  let sequence = event === undefined ? undefined : events.sequenceOf(event);
  if (sequence === undefined) {
    traffic.refused++;
    // Where two transports lead to the same node, every event comes twice: that is no news.
    if (reason === 'duplicate' || recorder.paused) return;
    sequence = events.append({
      at,
      event,
      type: types.indexOf(event?.type ?? REFUSED_TYPE),
      source: sources.indexOf(event?.source ?? ''),
      node: 0,
      transport: transports.indexOf(transport ?? ''),
    });
  }
  const slot = sequence & events.mask;
  events.status[slot] = Math.max(events.status[slot] as number, DROPPED);
  events.reason[slot] = reasons.indexOf(reason);
  settled.push(sequence);
}
