import { type ReactTable, type Updater, useTable } from '@tanstack/react-table';
import { useMemo } from 'react';
import { eventColumns, eventFeatures, GREEDY_COLUMNS, type ListedEvent } from './event-columns.js';
import type { ColumnState } from './use-column-state.js';

export type EventTable = ReactTable<typeof eventFeatures, ListedEvent>;

/** The table around the rows that are on the screen: it owns the columns, the recorder the rows. */
export function useEventTable(data: ListedEvent[], columns: ColumnState): EventTable {
  const { sizes, visibility, setSizes, setVisibility } = columns;
  const state = useMemo(() => ({ columnSizing: sizes, columnVisibility: visibility }), [sizes, visibility]);
  return useTable({
    features: eventFeatures,
    columns: eventColumns,
    data,
    getRowId: ({ sequence }) => String(sequence),
    columnResizeMode: 'onChange',
    state,
    onColumnSizingChange: (updater) => setSizes(updated(updater, sizes)),
    onColumnVisibilityChange: (updater) => setVisibility(updated(updater, visibility)),
  });
}

function updated<T extends object>(updater: Updater<T>, before: T): T {
  return typeof updater === 'function' ? updater(before) : updater;
}

/** The column that takes what the others leave. */
export function greedyColumn(table: EventTable): string | undefined {
  return GREEDY_COLUMNS.find((id) => table.getColumn(id)?.getIsVisible());
}

/** The widths of the visible columns, for a grid. */
export function gridColumns(table: EventTable): string {
  const greedy = greedyColumn(table);
  return table
    .getVisibleLeafColumns()
    .map((column) =>
      column.id === greedy ? `minmax(${column.columnDef.minSize ?? 0}px, 1fr)` : `${column.getSize()}px`,
    )
    .join(' ');
}
