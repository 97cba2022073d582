import { type ReactElement, useMemo, useState } from 'react';
import { readRow } from '../../model/event-row.js';
import type { Recorder } from '../../model/recorder.js';
import type { Session } from '../../model/session.js';
import { buildTrace } from '../../model/trace/build-trace.js';
import { useSlowVersion } from '../use-session.js';
import { traceLines } from './trace-lines.js';
import { TraceSummary } from './trace-summary.js';
import { Waterfall } from './waterfall.js';

interface TraceViewProps {
  readonly session: Session;
  readonly selected: number | undefined;
  readonly isNarrow: boolean;
  readonly onSelect: (sequence: number) => void;
  readonly onOpen: (sequence: number) => void;
}

/** The chain of the selected event, over all nodes that told of it. */
export function TraceView({ session, selected, isNarrow, onSelect, onOpen }: TraceViewProps): ReactElement {
  const version = useSlowVersion(session);
  const { recorder } = session;
  const chosen = selected === undefined ? undefined : readRow(recorder, selected)?.event?.correlationId;
  // A chain stays on the screen when the event it was opened from is evicted.
  const [last, setLast] = useState(chosen);
  if (chosen !== undefined && chosen !== last) setLast(chosen);
  const correlationId = chosen ?? last;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the recorder has taken in.
  const shown = useMemo(() => {
    if (correlationId === undefined) return undefined;
    const trace = buildTrace(recorder, correlationId);
    return { trace, lines: traceLines(trace, Date.now()) };
  }, [recorder, correlationId, version]);

  if (shown === undefined || shown.trace.events.length === 0) {
    const latest = latestChain(recorder);
    return (
      <div className="empty">
        <h3>No chain to show</h3>
        <p>Select an event to see what led to it and what it led to, on every node that took part.</p>
        {latest !== undefined && (
          <button type="button" className="button outlined" onClick={() => onSelect(latest)}>
            Show the latest chain
          </button>
        )}
      </div>
    );
  }
  return (
    <>
      <TraceSummary trace={shown.trace} />
      <Waterfall
        trace={shown.trace}
        lines={shown.lines}
        selected={selected}
        isNarrow={isNarrow}
        onSelect={onSelect}
        onOpen={onOpen}
      />
    </>
  );
}

/** Events looked back through for a chain of more than one. */
const LOOK_BACK = 500;

function latestChain({ events, chains }: Recorder): number | undefined {
  for (let sequence = events.head - 1; sequence >= Math.max(events.tail, events.head - LOOK_BACK); sequence--) {
    const event = events.events[sequence & events.mask];
    if (event !== undefined && chains.chainLength(event.correlationId) > 1) return sequence;
  }
  return events.head > events.tail ? events.head - 1 : undefined;
}
