import type { ReactElement } from 'react';
import type { HandlerRun } from '../../model/event-row.js';
import { errorText } from '../../model/payload/safe-read.js';
import { NodeBadge } from '../../ui/badges.js';
import { formatDuration } from '../../ui/format.js';
import { Icon } from '../../ui/icons.js';
import { PayloadTree } from './payload-tree.js';

/** Handlers shown at most. */
const MOST_RUNS = 200;

const icons = { ok: 'ok', failed: 'error', running: 'pending' } as const;
const statuses = { ok: 'ok', failed: 'error', running: 'pending' } as const;

interface RunListProps {
  readonly runs: readonly HandlerRun[];
  /** When the event was emitted, epoch ms. */
  readonly start: number;
}

/** The handlers of an event in order of their start: how each ended, and when. */
export function RunList({ runs, start }: RunListProps): ReactElement {
  if (runs.length === 0) return <p className="dim">No handler ran, as far as this panel was told.</p>;
  return (
    <ul className="runs">
      {runs.slice(0, MOST_RUNS).map((run, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: runs are only ever added, in this order.
        <RunLine key={i} run={run} start={start} />
      ))}
      {runs.length > MOST_RUNS && <li className="dim">and {runs.length - MOST_RUNS} more</li>}
    </ul>
  );
}

function RunLine({ run, start }: { readonly run: HandlerRun; readonly start: number }): ReactElement {
  const { handler, node, outcome, durationMs, error } = run;
  return (
    <li className="run">
      <div className="run-line">
        <span className={`status ${statuses[outcome]}`} title={outcome}>
          <Icon name={icons[outcome]} size={12} />
          <span className="visually-hidden">{outcome}</span>
        </span>
        <span className="run-name mono">{handler.name}</span>
        {node.index !== 0 && <NodeBadge node={node} />}
        <span className="run-time">
          <span className="dim">+{formatDuration(Math.max(0, run.start - start))}</span>{' '}
          {durationMs === undefined ? 'running' : formatDuration(durationMs)}
        </span>
      </div>
      {handler.patterns.join(' ') !== handler.name && (
        <div className="run-sub mono dim" title={handler.patterns.join('\n')}>
          {handler.patterns.join(' ')}
          {handler.priority !== 0 && ` · priority ${handler.priority}`}
        </div>
      )}
      {outcome === 'failed' && (
        <div className="run-error">
          {typeof error === 'object' && error !== null ? (
            <PayloadTree value={error} isOpen={false} />
          ) : (
            <span className="mono">{errorText(error)}</span>
          )}
        </div>
      )}
    </li>
  );
}
