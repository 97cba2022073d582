import {
  type ColumnDef,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
} from '@tanstack/react-table';
import type { EventRow } from '../../model/event-row.js';
import { previewData } from '../../model/payload/preview.js';
import { LetterMark, NodeBadge, RetryMark, StatusBadge, TypeName } from '../../ui/badges.js';
import { formatClock, formatDuration } from '../../ui/format.js';

/** A row of the list: an event, and how long after the one above it. */
export interface ListedEvent extends EventRow {
  readonly deltaMs: number | undefined;
}

/** The table keeps sizes and visibility of columns; which rows there are is the recorder's to know. */
export const eventFeatures: {
  readonly columnSizingFeature: typeof columnSizingFeature;
  readonly columnResizingFeature: typeof columnResizingFeature;
  readonly columnVisibilityFeature: typeof columnVisibilityFeature;
} = tableFeatures({ columnSizingFeature, columnResizingFeature, columnVisibilityFeature });

const helper = createColumnHelper<typeof eventFeatures, ListedEvent>();

/** The column that takes what room is left, and the one that does when it is hidden. */
export const GREEDY_COLUMNS = ['data', 'type'] as const;

/** Columns that a narrow list does without. */
export const WIDE_COLUMNS = ['delta', 'data', 'source', 'node', 'handlers'] as const;

export const eventColumns: ColumnDef<typeof eventFeatures, ListedEvent>[] = helper.columns([
  helper.display({
    id: 'time',
    header: 'Time',
    size: 102,
    minSize: 56,
    cell: ({ row }) => <span className="dim">{formatClock(row.original.at)}</span>,
  }),
  helper.display({
    id: 'delta',
    header: 'Δt',
    size: 66,
    minSize: 44,
    cell: ({ row: { original } }) =>
      original.deltaMs !== undefined && <span className="dim">+{formatDuration(original.deltaMs)}</span>,
  }),
  helper.display({
    id: 'type',
    header: 'Type',
    size: 210,
    minSize: 80,
    cell: ({ row }) => <TypeName type={row.original.type} />,
  }),
  helper.display({
    id: 'data',
    header: 'Data',
    size: 160,
    minSize: 60,
    cell: ({ row: { original } }) =>
      original.event !== undefined && <span className="mono preview">{previewData(original.event.data)}</span>,
  }),
  helper.display({
    id: 'source',
    header: 'Source',
    size: 78,
    minSize: 50,
    cell: ({ row }) => row.original.source,
  }),
  helper.display({
    id: 'node',
    header: 'Node',
    size: 124,
    minSize: 50,
    cell: ({ row }) => <NodeBadge node={row.original.node} />,
  }),
  helper.display({
    id: 'handlers',
    header: 'Handlers',
    size: 84,
    minSize: 44,
    cell: ({ row: { original } }) => (
      <>
        {original.handlers}
        {original.remoteHandlers > 0 && (
          <span className="dim" title="On other nodes">
            {` +${original.remoteHandlers}`}
          </span>
        )}
        {original.retries > 0 && <RetryMark count={original.retries} />}
      </>
    ),
  }),
  helper.display({
    id: 'duration',
    header: 'Duration',
    size: 72,
    minSize: 50,
    cell: ({ row: { original } }) => original.durationMs !== undefined && formatDuration(original.durationMs),
  }),
  helper.display({
    id: 'status',
    header: 'Status',
    size: 96,
    minSize: 32,
    cell: ({ row: { original } }) => (
      <>
        <StatusBadge status={original.status} />
        {original.letters > 0 && <LetterMark count={original.letters} />}
      </>
    ),
  }),
]);
