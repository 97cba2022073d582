import type { Inspection } from '../../core/index.js';
import type { Recorder } from './recorder.js';
import { DROPPED } from './status.js';

/** What stands where a record that was refused has no type. */
const REFUSED_TYPE = '(refused record)';

/** Writes down what stores, transports and other nodes have to do with events. */
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
      noteDropped(recorder, told);
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

/** An event that is known keeps its line; a record that never became an event gets one of its own. */
function noteDropped(recorder: Recorder, told: Inspection & { kind: 'dropped' }): void {
  const { events, types, sources, transports, reasons, settled, traffic } = recorder;
  const { at, reason, event, transport } = told;
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
