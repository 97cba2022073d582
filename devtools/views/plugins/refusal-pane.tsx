import { type ReactElement, useLayoutEffect, useRef } from 'react';
import type { Refusal } from '../../model/refusals.js';
import { formatCount } from '../../ui/format.js';
import { type Question, RefusalList } from './refusal-list.js';

interface RefusalPaneProps {
  readonly lines: readonly Refusal[];
  readonly total: number;
  readonly onAsk: (question: Question) => void;
}

/** How near to its end, in pixels, a list is followed. */
const NEAR = 30;

/** Everything that was refused, the newest at the end, which is followed unless the reader has scrolled up. */
export function RefusalPane({ lines, total, onAsk }: RefusalPaneProps): ReactElement {
  const pane = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const { length } = lines;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a line more makes the list longer.
  useLayoutEffect(() => {
    if (pane.current !== null && follows.current) pane.current.scrollTop = pane.current.scrollHeight;
  }, [length]);
  return (
    <div className="refusal-pane">
      <h3 className="pane-title">
        Refusals <span className="dim">{formatCount(total)}</span>
      </h3>
      <div
        ref={pane}
        className="refusal-scroll scroll"
        role="region"
        aria-label="Refusals"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          follows.current = scrollTop + clientHeight > scrollHeight - NEAR;
        }}
      >
        {length === 0 ? (
          <p className="dim no-refusals">Nothing was refused, to plugins and scopes of this bus or to other nodes.</p>
        ) : (
          <RefusalList label="All refusals" lines={lines} onAsk={onAsk} />
        )}
      </div>
    </div>
  );
}
