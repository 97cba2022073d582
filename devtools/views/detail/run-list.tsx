import type { ReactElement } from 'react';
import type { HandlerRun } from '../../model/event-row.js';
import { errorText } from '../../model/payload/safe-read.js';
import type { Recorder } from '../../model/recorder.js';
import { NodeBadge, ScopeBadge } from '../../ui/badges.js';
import { formatDuration } from '../../ui/format.js';
import { Icon } from '../../ui/icons.js';
import { DeadLetterNote } from './dead-letter-note.js';
import { PayloadTree } from './payload-tree.js';

/** Handlers shown at most. */
const MOST_HANDLERS = 200;

const statuses = { ok: 'ok', failed: 'error', running: 'pending', dropped: 'dropped' } as const;
const words = { ok: 'ok', failed: 'failed', running: 'running', dropped: 'no room' } as const;

/** The calls of one handler for one event, in order. */
export type Attempts = readonly [HandlerRun, ...HandlerRun[]];

/** Puts the calls of each handler together, handlers in order of their first call. */
export function byHandler(runs: readonly HandlerRun[]): readonly Attempts[] {
  const found = new Map<HandlerRun['handler'], [HandlerRun, ...HandlerRun[]]>();
  const lists: [HandlerRun, ...HandlerRun[]][] = [];
  for (const run of runs) {
    const attempts = found.get(run.handler);
    // A first call after others is another subscription of that name, unless it is a dead letter that is tried again.
    if (attempts !== undefined && (run.attempt > 1 || attempts.at(-1)?.letter?.isOpen === false)) attempts.push(run);
    else {
      const list: [HandlerRun] = [run];
      found.set(run.handler, list);
      lists.push(list);
    }
  }
  return lists;
}

interface RunListProps {
  readonly recorder: Recorder;
  readonly sequence: number;
  readonly handlers: readonly Attempts[];
  /** When the event was emitted, epoch ms. */
  readonly start: number;
}

/** The handlers of an event in order of their start: how each ended, when, and after how many calls. */
export function RunList({ recorder, sequence, handlers, start }: RunListProps): ReactElement {
  if (handlers.length === 0) return <p className="dim">No handler ran, as far as this panel was told.</p>;
  return (
    <ul className="runs">
      {handlers.slice(0, MOST_HANDLERS).map((attempts, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: handlers are only ever added, in this order.
        <HandlerLine key={i} attempts={attempts} start={start}>
          {attempts.map(
            ({ letter }) =>
              letter !== undefined && (
                <DeadLetterNote key={letter.id ?? ''} recorder={recorder} sequence={sequence} letter={letter} />
              ),
          )}
        </HandlerLine>
      ))}
      {handlers.length > MOST_HANDLERS && <li className="dim">and {handlers.length - MOST_HANDLERS} more</li>}
    </ul>
  );
}

interface HandlerLineProps {
  readonly attempts: Attempts;
  readonly start: number;
  readonly children: React.ReactNode;
}

function HandlerLine({ attempts, start, children }: HandlerLineProps): ReactElement {
  const [first] = attempts;
  const last = attempts.at(-1) ?? first;
  const { handler, node } = first;
  return (
    <li className="run">
      <div className="run-line">
        <Outcome run={last} />
        <span className="run-name mono">{handler.name}</span>
        {handler.scope !== undefined && <ScopeBadge scope={handler.scope} />}
        {node.index !== 0 && <NodeBadge node={node} />}
        {attempts.length > 1 && <span className="badge warn">{attempts.length} attempts</span>}
        <span className="run-time">
          <span className="dim">+{formatDuration(Math.max(0, first.start - start))}</span> {tookOf(first, last)}
        </span>
      </div>
      {handler.patterns.join(' ') !== handler.name && (
        <div className="run-sub mono dim" title={handler.patterns.join('\n')}>
          {handler.patterns.join(' ')}
          {handler.priority !== 0 && ` · priority ${handler.priority}`}
        </div>
      )}
      {last.outcome === 'dropped' && <p className="run-sub dim">Not called: there was no room in its queue.</p>}
      {attempts.length > 1 ? (
        <ol className="attempts" aria-label="Attempts">
          {attempts.map((run, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above.
            <AttemptLine key={i} run={run} start={start} isAnew={i > 0 && run.attempt === 1} />
          ))}
        </ol>
      ) : (
        <RunError run={last} />
      )}
      {children}
    </li>
  );
}

interface AttemptLineProps {
  readonly run: HandlerRun;
  readonly start: number;
  /** Whether somebody tried the dead letter of the calls before again. */
  readonly isAnew: boolean;
}

function AttemptLine({ run, start, isAnew }: AttemptLineProps): ReactElement {
  return (
    <li>
      <div className="run-line">
        <Outcome run={run} />
        <span>{isAnew ? 'Dead letter tried again' : `Attempt ${run.attempt}`}</span>
        {run.retryInMs !== undefined && <span className="dim">again after {formatDuration(run.retryInMs)}</span>}
        <span className="run-time">
          <span className="dim">+{formatDuration(Math.max(0, run.start - start))}</span> {tookOf(run, run)}
        </span>
      </div>
      <RunError run={run} />
    </li>
  );
}

function Outcome({ run: { outcome } }: { readonly run: HandlerRun }): ReactElement {
  return (
    <span className={`status ${statuses[outcome]}`} title={words[outcome]}>
      <Icon name={statuses[outcome]} size={12} />
      <span className="visually-hidden">{words[outcome]}</span>
    </span>
  );
}

function RunError({ run: { outcome, error } }: { readonly run: HandlerRun }): ReactElement | null {
  if (outcome !== 'failed') return null;
  return (
    <div className="run-error">
      {typeof error === 'object' && error !== null ? (
        <PayloadTree value={error} isOpen={false} />
      ) : (
        <span className="mono">{errorText(error)}</span>
      )}
    </div>
  );
}

/** From the first start to the last end. */
function tookOf(first: HandlerRun, last: HandlerRun): string {
  if (last.durationMs === undefined) return 'running';
  return last.attempt === 0 ? '' : formatDuration(last.start + last.durationMs - first.start);
}
