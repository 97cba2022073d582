import type { ReactElement } from 'react';
import type { InspectedEvent } from '../../../core/index.js';
import { type EventRow, readRow } from '../../model/event-row.js';
import type { Recorder } from '../../model/recorder.js';
import { NodeBadge, StatusBadge, TypeName } from '../../ui/badges.js';

const MOST_CAUSES = 50;
const MOST_EFFECTS = 50;

interface RelatedEventsProps {
  readonly recorder: Recorder;
  readonly event: InspectedEvent;
  readonly onSelect: (sequence: number) => void;
}

/** What led to an event, from the beginning of its chain, and what it led to at once. */
export function RelatedEvents({ recorder, event, onSelect }: RelatedEventsProps): ReactElement | null {
  const causes = causesOf(recorder, event);
  const effects = recorder.chains
    .effects(event.id, MOST_EFFECTS)
    .map((sequence) => readRow(recorder, sequence))
    .filter((row) => row !== undefined);
  const isCauseGone = event.causationId !== undefined && causes.length === 0;
  if (causes.length === 0 && effects.length === 0 && !isCauseGone) return null;
  return (
    <section>
      <h3>Causes and effects</h3>
      <ol className="related">
        {isCauseGone && <li className="dim">The cause is not in the log.</li>}
        {causes.map((row, depth) => (
          <Related key={row.sequence} row={row} depth={depth} onSelect={onSelect} />
        ))}
        <li className="related-self" style={{ paddingInlineStart: causes.length * 12 }}>
          <TypeName type={event.type} /> <span className="dim">this event</span>
        </li>
        {effects.map((row) => (
          <Related key={row.sequence} row={row} depth={causes.length + 1} onSelect={onSelect} />
        ))}
      </ol>
    </section>
  );
}

interface RelatedProps {
  readonly row: EventRow;
  readonly depth: number;
  readonly onSelect: (sequence: number) => void;
}

function Related({ row, depth, onSelect }: RelatedProps): ReactElement {
  return (
    <li style={{ paddingInlineStart: depth * 12 }}>
      <button type="button" className="related-link" onClick={() => onSelect(row.sequence)}>
        <TypeName type={row.type} />
        <StatusBadge status={row.status} />
        {row.node.index !== 0 && <NodeBadge node={row.node} />}
      </button>
    </li>
  );
}

function causesOf(recorder: Recorder, event: InspectedEvent): EventRow[] {
  const causes: EventRow[] = [];
  const seen = new Set([event.id]);
  for (let id = event.causationId; id !== undefined && !seen.has(id) && causes.length < MOST_CAUSES; ) {
    seen.add(id);
    const sequence = recorder.chains.find(id);
    const row = sequence === undefined ? undefined : readRow(recorder, sequence);
    if (row === undefined) break;
    causes.unshift(row);
    id = row.event?.causationId;
  }
  return causes;
}
