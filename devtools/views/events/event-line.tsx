import type { Row } from '@tanstack/react-table';
import type { ReactElement } from 'react';
import type { eventFeatures, ListedEvent } from './event-columns.js';
import type { EventTable } from './use-event-table.js';

interface EventLineProps {
  readonly id: string | undefined;
  readonly table: EventTable;
  /** Undefined for an event that was evicted while the reader was elsewhere. */
  readonly row: Row<typeof eventFeatures, ListedEvent> | undefined;
  /** Distance from the top of the list in pixels. */
  readonly top: number;
  /** Place in the grid, counted from 1, the header being the first. */
  readonly rowIndex: number;
  readonly isSelected: boolean;
}

/** One event on the screen. */
export function EventLine({ id, table, row, top, rowIndex, isSelected }: EventLineProps): ReactElement {
  const style = { transform: `translateY(${top}px)` };
  if (row === undefined) {
    return (
      <div className="line evicted" style={style} aria-hidden="true">
        evicted
      </div>
    );
  }
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      className={`line ${row.original.status}`}
      data-sequence={row.original.sequence}
      style={style}
    >
      {row.getVisibleCells().map((cell) => (
        <div key={cell.column.id} role="gridcell" className={`cell col-${cell.column.id}`}>
          <table.FlexRender cell={cell} />
        </div>
      ))}
    </div>
  );
}
