import type { CSSProperties, ReactElement } from 'react';
import type { TimeScale } from '../../model/trace/time-scale.js';
import { LetterMark, NodeBadge, nodeColor, ScopeBadge, StatusBadge, TypeName } from '../../ui/badges.js';
import { formatDuration } from '../../ui/format.js';
import type { TraceLine } from './trace-lines.js';

interface WaterfallLineProps {
  readonly id: string;
  readonly line: TraceLine;
  readonly scale: TimeScale;
  /** Distance from the top in pixels. */
  readonly top: number;
  readonly rowIndex: number;
  readonly isSelected: boolean;
  /** Whether the chain has more than one node. */
  readonly showsNode: boolean;
  readonly onOpen: (sequence: number) => void;
}

const INDENT = 14;

/** One line of the waterfall: on the left what it is, on the right when it was. */
export function WaterfallLine(props: WaterfallLineProps): ReactElement {
  const { id, line, scale, top, rowIndex, isSelected, showsNode, onOpen } = props;
  const { event, run, depth } = line;
  const node = run?.node ?? event.node;
  const style = { transform: `translateY(${top}px)`, '--node': nodeColor(node.index) } as CSSProperties;
  const isLocal = event.sequence === undefined;
  const open = (): void => {
    if (event.sequence !== undefined) onOpen(event.sequence);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the treegrid has keys for what a click does.
    <div
      id={id}
      role="row"
      aria-rowindex={rowIndex}
      aria-level={depth + 1}
      aria-selected={isSelected && run === undefined}
      className={`trace-line ${run === undefined ? 'of-event' : 'of-run'}`}
      style={style}
      onClick={open}
    >
      <div role="rowheader" className="trace-label" style={{ paddingInlineStart: 12 + depth * INDENT }}>
        {run === undefined ? <TypeName type={event.type} /> : <span className="mono run-name">{run.handler.name}</span>}
        {run?.handler.scope !== undefined && <ScopeBadge scope={run.handler.scope} />}
        {run !== undefined && run.attempt > 1 && <span className="badge">attempt {run.attempt}</span>}
        {isLocal && run === undefined && (
          <span className="badge" title="It never left its node; its data is there">
            not shared
          </span>
        )}
        {showsNode && <NodeBadge node={node} />}
      </div>
      <div role="gridcell" className="track">
        {run === undefined ? <EventMark line={line} scale={scale} /> : <RunBar line={line} scale={scale} />}
      </div>
    </div>
  );
}

interface MarkProps {
  readonly line: TraceLine;
  readonly scale: TimeScale;
}

/** When the event was emitted, and a line until its last handler was done. */
function EventMark({ line: { event, from, to }, scale }: MarkProps): ReactElement {
  const left = scale.x(from);
  const width = scale.x(to) - left;
  const isPlain = event.status === 'ok' || event.status === 'stored';
  return (
    <>
      <span className="span-line" style={{ left: percent(left), width: percent(width) }} />
      <span className="mark" style={{ left: percent(left) }} />
      {!isPlain && (
        <Beside left={left} right={left}>
          <StatusBadge status={event.status} />
        </Beside>
      )}
    </>
  );
}

/** When a handler ran; before it, faintly, how long the event was on its way to it. */
function RunBar({ line: { event, run, from, to }, scale }: MarkProps): ReactElement {
  const left = scale.x(from);
  const right = scale.x(to);
  const emitted = Math.min(left, scale.x(event.at));
  const isRemote = run !== undefined && run.node.index !== event.node.index;
  const outcome = run?.outcome ?? 'ok';
  return (
    <>
      <span
        className={isRemote ? 'wait crossing' : 'wait'}
        style={{ left: percent(emitted), width: percent(left - emitted) }}
      />
      <span className={`bar ${outcome}`} style={{ left: percent(left), width: percent(right - left) }} />
      <Beside left={left} right={right}>
        {outcome === 'failed' && <span className="status error">failed</span>}
        {outcome === 'dropped' && <span className="status dropped">no room</span>}
        {run?.durationMs === undefined ? 'running' : run.attempt > 0 && formatDuration(run.durationMs)}
        {run?.retryInMs !== undefined && <span className="dim">again after {formatDuration(run.retryInMs)}</span>}
        {run?.letter?.isOpen === true && <LetterMark count={1} />}
      </Beside>
    </>
  );
}

interface BesideProps {
  readonly left: number;
  readonly right: number;
  readonly children: React.ReactNode;
}

/** A word after what it belongs to, before it where there is no room after it, or else at the end of it. */
function Beside({ left, right, children }: BesideProps): ReactElement {
  if (right >= 0.75 && left < 0.3) {
    return (
      <span className="beside inside" style={{ right: `calc(${percent(1 - right)} + 2px)` }}>
        {children}
      </span>
    );
  }
  const style =
    right < 0.75 ? { left: `calc(${percent(right)} + 7px)` } : { right: `calc(${percent(1 - left)} + 7px)` };
  return (
    <span className="beside" style={style}>
      {children}
    </span>
  );
}

const percent = (share: number): string => `${share * 100}%`;
