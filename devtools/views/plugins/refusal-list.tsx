import { memo, type ReactElement } from 'react';
import type { Refusal } from '../../model/refusals.js';
import { formatClock, formatCount } from '../../ui/format.js';

/** Something to ask the policy of the bus about. */
export interface Question {
  readonly source: string;
  readonly action: NonNullable<Refusal['action']>;
  readonly type: string;
}

interface RefusalListProps {
  readonly label: string;
  readonly lines: readonly Refusal[];
  readonly onAsk: (question: Question) => void;
}

/** What was refused, each in its place for good: what is tried again only changes its count and time. */
export function RefusalList({ label, lines, onAsk }: RefusalListProps): ReactElement {
  return (
    <ul className="refusals" aria-label={label}>
      {lines.map((line) => (
        <RefusalLine key={line.index} line={line} count={line.count} at={line.lastAt} onAsk={onAsk} />
      ))}
    </ul>
  );
}

interface RefusalLineProps {
  readonly line: Refusal;
  /** Of the line, which is the same object when they change. */
  readonly count: number;
  readonly at: number;
  readonly onAsk: (question: Question) => void;
}

const RefusalLine = memo(function RefusalLine({ line, count, at, onAsk }: RefusalLineProps): ReactElement {
  const { source, action, pattern, grant, why, reason, transport, firstAt } = line;
  const question = questionOf(line);
  return (
    <li className="refusal">
      <time title={`First at ${formatClock(firstAt)}`}>{formatClock(at)}</time>
      <span className="refusal-count">
        {count > 1 && (
          <>
            <span aria-hidden="true">×</span>
            {formatCount(count)}
            <span className="visually-hidden"> times</span>
          </>
        )}
      </span>
      <span className="refusal-who mono ellipsis" title={source}>
        {source || '(unknown)'}
      </span>
      <span className="refusal-what">
        {action !== undefined && <span className="badge">{action}</span>}
        <span className="mono ellipsis" title={pattern}>
          {pattern || '(refused record)'}
        </span>
        {grant !== undefined && (
          <span className="badge warn" title="The grant it takes">
            {grant}
          </span>
        )}
        {reason !== undefined && (
          <span className="badge" title={`A record of another node, over ${transport ?? 'the store'}`}>
            {reason}
          </span>
        )}
      </span>
      <span className="refusal-why" title={why}>
        {why}
      </span>
      {question !== undefined && (
        <button
          type="button"
          className="button small refusal-ask"
          aria-label={`Why may ${source} not ${action} ${pattern}?`}
          onClick={() => onAsk(question)}
        >
          Why?
        </button>
      )}
    </li>
  );
});

/** What the policy can be asked about a refusal: it speaks of types, not of patterns, and not of other nodes' schemas. */
function questionOf({ source, action, pattern, reason }: Refusal): Question | undefined {
  const isAsked = action !== undefined && (reason === undefined || reason === 'forbidden');
  return isAsked && !pattern.includes('*') ? { source, action, type: pattern } : undefined;
}
