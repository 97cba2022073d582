import type { ReactElement } from 'react';
import type { Trace } from '../../model/trace/build-trace.js';
import { NodeBadge, TypeName } from '../../ui/badges.js';
import { formatCount, formatDuration } from '../../ui/format.js';

const count = (many: number, what: string): string => `${formatCount(many)} ${what}${many === 1 ? '' : 's'}`;

/** A chain in one line. */
export function TraceSummary({ trace }: { readonly trace: Trace }): ReactElement {
  const { events, nodes, failures, retries, omitted, start, end, isRunning, correlationId } = trace;
  const runs = events.reduce((sum, event) => sum + event.runs.length, 0);
  return (
    <div className="toolbar trace-summary" title={`Correlation id ${correlationId}`}>
      <span className="trace-root">
        <TypeName type={events[0]?.type ?? ''} />
      </span>
      <strong>{isRunning ? 'running' : formatDuration(end - start)}</strong>
      <span className="trace-counts">
        {count(events.length, 'event')} · {count(runs, 'handler run')}
      </span>
      {failures > 0 && <span className="badge error">{count(failures, 'failure')}</span>}
      {retries > 0 && (
        <span className="badge warn">
          {formatCount(retries)} {retries === 1 ? 'retry' : 'retries'}
        </span>
      )}
      {omitted > 0 && <span className="badge warn">{count(omitted, 'event')} left out</span>}
      <span className="trace-nodes">
        {nodes.map((node) => (
          <NodeBadge key={node.index} node={node} />
        ))}
      </span>
    </div>
  );
}
