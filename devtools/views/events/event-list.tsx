import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type MouseEvent, type ReactElement, useId, useLayoutEffect, useRef } from 'react';
import { readRow } from '../../model/event-row.js';
import type { Session, Snapshot } from '../../model/session.js';
import { formatCount } from '../../ui/format.js';
import { Icon } from '../../ui/icons.js';
import type { ListedEvent } from './event-columns.js';
import { EventHeader } from './event-header.js';
import { EventLine } from './event-line.js';
import type { ColumnState } from './use-column-state.js';
import { gridColumns, useEventTable } from './use-event-table.js';
import { useListKeys } from './use-list-keys.js';
import { useTail } from './use-tail.js';

const HEADER_HEIGHT = 26;
const OVERSCAN = 6;
/** The virtualizer lays out so many rows more at a time: laying out all of them anew each frame would cost a millisecond. */
const BLOCK = 1024;
/** Lines on the screen are used again for other events, which is cheaper than making new ones. */
const LINES = 128;

interface EventListProps {
  readonly session: Session;
  readonly snapshot: Snapshot;
  readonly selected: number | undefined;
  readonly columns: ColumnState;
  /** In pixels. */
  readonly rowHeight: number;
  readonly onSelect: (sequence: number) => void;
  readonly onOpen: (sequence: number) => void;
  readonly onClose: () => void;
  readonly onPause: () => void;
}

/** The events that pass the filter, newest last; only those on the screen are in the document. */
export function EventList(props: EventListProps): ReactElement {
  const { session, snapshot, selected, columns, rowHeight, onOpen } = props;
  const { matches, recorder } = session;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const tail = useTail(scroller, matches, rowHeight);
  const count = tail.missing + snapshot.matches;

  const onScreen = (range: Range): number[] => {
    const indexes = defaultRangeExtractor(range).filter((index) => index < count);
    if (!tail.isFollowing) return indexes;
    // The end is where the list is about to be scrolled to, not where the virtualizer last saw it.
    const lines = range.endIndex - range.startIndex + 1 + OVERSCAN;
    return Array.from({ length: Math.min(lines, count) }, (_, i) => Math.max(0, count - lines) + i);
  };
  const virtualizer = useVirtualizer({
    count: Math.ceil(count / BLOCK) * BLOCK,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    rangeExtractor: onScreen,
    overscan: OVERSCAN,
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    useFlushSync: false,
  });
  // After the virtualizer's own effect, which begins at the top.
  useLayoutEffect(() => tail.pin(count, virtualizer.scrollRect?.height ?? 0));
  const indexes = virtualizer.getVirtualItems().map(({ index }) => index);
  const rows = indexes.map((index) => listed(index - tail.missing));
  function listed(position: number): ListedEvent | undefined {
    const row = position < 0 ? undefined : readRow(recorder, matches.at(position));
    if (row === undefined) return undefined;
    const above = position === 0 ? undefined : recorder.events.at[matches.at(position - 1) & recorder.events.mask];
    return { ...row, deltaMs: above === undefined ? undefined : Math.max(0, row.at - above) };
  }
  const table = useEventTable(
    rows.filter((row) => row !== undefined),
    columns,
  );
  const lines = new Map(table.getRowModel().rows.map((row) => [row.original.sequence, row]));

  const onKeyDown = useListKeys({
    ...props,
    tail,
    scrollTo: (position) => virtualizer.scrollToIndex(position + tail.missing),
  });
  const onClick = (event: MouseEvent): void => {
    const line = (event.target as Element).closest<HTMLElement>('[data-sequence]');
    if (line === null) return;
    tail.stay();
    onOpen(Number(line.dataset['sequence']));
  };
  const isSelectedShown = rows.some((row) => row !== undefined && row.sequence === selected);

  return (
    <div className="event-list">
      <div
        ref={scroller}
        className="grid scroll"
        role="grid"
        aria-label="Events"
        aria-rowcount={snapshot.matches + 1}
        aria-activedescendant={isSelectedShown ? `${id}-${selected}` : undefined}
        tabIndex={0}
        style={{ '--columns': gridColumns(table), '--row-height': `${rowHeight}px` } as CSSProperties}
        onScroll={tail.onScroll}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <EventHeader table={table} />
        <div role="rowgroup" className="grid-body" style={{ height: count * rowHeight }}>
          {indexes.map((index, i) => {
            const row = rows[i];
            return (
              <EventLine
                key={index % LINES}
                id={row && `${id}-${row.sequence}`}
                table={table}
                row={row && lines.get(row.sequence)}
                top={index * rowHeight}
                rowIndex={index - tail.missing + 2}
                isSelected={row !== undefined && row.sequence === selected}
              />
            );
          })}
        </div>
      </div>
      {tail.unseen > 0 && (
        <button type="button" className="newer" onClick={tail.follow}>
          <Icon name="down" size={12} />
          {formatCount(tail.unseen)} new
        </button>
      )}
    </div>
  );
}
