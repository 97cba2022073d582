import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type ReactElement, useId, useMemo, useRef } from 'react';
import type { Trace } from '../../model/trace/build-trace.js';
import { createTimeScale, type TimeScale } from '../../model/trace/time-scale.js';
import { formatDuration } from '../../ui/format.js';
import { rowHeight } from '../row-height.js';
import type { TraceLine } from './trace-lines.js';
import { WaterfallLine } from './waterfall-line.js';

const HEADER_HEIGHT = 26;

interface WaterfallProps {
  readonly trace: Trace;
  readonly lines: readonly TraceLine[];
  readonly selected: number | undefined;
  readonly isNarrow: boolean;
  readonly onSelect: (sequence: number) => void;
  readonly onOpen: (sequence: number) => void;
}

/** A chain over time: what happened on which node, when, and for how long. */
export function Waterfall({ trace, lines, selected, isNarrow, onSelect, onOpen }: WaterfallProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const scale = useMemo(() => createTimeScale(lines), [lines]);
  const ticks = scale.ticks(isNarrow ? 2 : 5);
  const height = rowHeight(isNarrow);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    useFlushSync: false,
  });
  const active = lines.findIndex(({ event, run }) => run === undefined && event.sequence === selected);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (event.key === 'Enter' && selected !== undefined) onOpen(selected);
    else if (step === undefined) return;
    else {
      const next = nextEvent(lines, active, step);
      if (next !== undefined) {
        onSelect(next.sequence);
        virtualizer.scrollToIndex(next.index);
      }
    }
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className="waterfall scroll"
      role="treegrid"
      aria-label="Chain of events"
      aria-rowcount={lines.length + 1}
      aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
      tabIndex={0}
      style={{ '--row-height': `${height}px` } as CSSProperties}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="grid-header">
        <div role="row" aria-rowindex={1} className="trace-line trace-header">
          <div role="columnheader" className="trace-label">
            Event
          </div>
          <div role="columnheader" className="track">
            <span className="visually-hidden">Time</span>
            {ticks.map((tick) => (
              <span key={tick} className="tick" style={{ left: percent(scale.x(tick)) }}>
                {formatDuration(tick - trace.start).replace('.0 ', ' ')}
              </span>
            ))}
          </div>
        </div>
      </div>
      <div role="rowgroup" className="trace-body" style={{ height: lines.length * height }}>
        <Backdrop scale={scale} ticks={ticks} />
        {virtualizer.getVirtualItems().map(({ index }) => {
          const line = lines[index];
          return (
            line && (
              <WaterfallLine
                key={line.key}
                id={`${id}-${index}`}
                line={line}
                scale={scale}
                top={index * height}
                rowIndex={index + 2}
                isSelected={line.event.sequence !== undefined && line.event.sequence === selected}
                showsNode={trace.nodes.length > 1}
                onOpen={onOpen}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** Lines at the ticks, and what was cut out of the time, behind all rows. */
function Backdrop({ scale, ticks }: { readonly scale: TimeScale; readonly ticks: readonly number[] }): ReactElement {
  return (
    <div className="backdrop" aria-hidden="true">
      {ticks.map((tick) => (
        <span key={tick} className="tick-line" style={{ left: percent(scale.x(tick)) }} />
      ))}
      {scale.segments
        .filter(({ isIdle }) => isIdle)
        .map(({ from, to, left, right }) => (
          <span
            key={from}
            className="idle"
            style={{ left: percent(left), width: percent(right - left) } as CSSProperties}
            title={`${formatDuration(to - from)} in which nothing happened`}
          >
            {formatDuration(to - from)}
          </span>
        ))}
    </div>
  );
}

function nextEvent(
  lines: readonly TraceLine[],
  from: number,
  step: number,
): { readonly index: number; readonly sequence: number } | undefined {
  for (let index = from + step; index >= 0 && index < lines.length; index += step) {
    const line = lines[index];
    if (line?.run === undefined && line?.event.sequence !== undefined) return { index, sequence: line.event.sequence };
  }
  return undefined;
}

const percent = (share: number): string => `${share * 100}%`;
