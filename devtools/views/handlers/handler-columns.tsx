import {
  type ColumnDef,
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  sortFn_text,
  tableFeatures,
} from '@tanstack/react-table';
import type { HandlerRecord } from '../../model/handler-book.js';
import type { PanelNode } from '../../model/nodes.js';
import { NodeBadge, RetryMark, ScopeBadge } from '../../ui/badges.js';
import { formatCount, formatDuration } from '../../ui/format.js';
import { Distribution } from './distribution.js';

/** What a handler has done, at one moment. */
export interface HandlerRow {
  readonly record: HandlerRecord;
  readonly node: PanelNode;
  readonly name: string;
  /** Empty for a handler of the bus itself, or of another node. */
  readonly scope: string;
  readonly pattern: string;
  readonly priority: number;
  readonly calls: number;
  readonly failures: number;
  readonly retries: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function handlerRow(record: HandlerRecord, node: PanelNode): HandlerRow {
  const { name, scope = '', patterns, priority, calls, failures, retries, durations } = record;
  return {
    record,
    node,
    name,
    scope,
    pattern: patterns.join(' '),
    priority,
    calls,
    failures,
    retries,
    p50: durations.quantile(0.5),
    p95: durations.quantile(0.95),
    p99: durations.quantile(0.99),
    max: durations.max,
  };
}

export const handlerFeatures: {
  readonly rowSortingFeature: typeof rowSortingFeature;
  readonly sortedRowModel: ReturnType<typeof createSortedRowModel>;
  readonly sortFns: { readonly basic: typeof sortFn_basic; readonly text: typeof sortFn_text };
} = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic, text: sortFn_text },
});

const helper = createColumnHelper<typeof handlerFeatures, HandlerRow>();

const time = (id: 'p50' | 'p95' | 'p99' | 'max', header: string) =>
  helper.accessor(id, {
    header,
    sortFn: 'basic',
    sortDescFirst: true,
    cell: ({ row: { original } }) => (original.record.durations.count === 0 ? '' : formatDuration(original[id])),
  });

export const handlerColumns: ColumnDef<typeof handlerFeatures, HandlerRow>[] = helper.columns([
  helper.accessor('name', {
    header: 'Handler',
    sortFn: 'text',
    cell: ({ getValue }) => <span className="mono">{getValue()}</span>,
  }),
  helper.accessor('scope', {
    header: 'Scope',
    sortFn: 'text',
    cell: ({ getValue }) => getValue() !== '' && <ScopeBadge scope={getValue()} />,
  }),
  helper.accessor('pattern', {
    header: 'Pattern',
    sortFn: 'text',
    cell: ({ getValue }) => <span className="mono dim">{getValue()}</span>,
  }),
  helper.accessor('priority', { header: 'Priority', sortFn: 'basic', sortDescFirst: true }),
  helper.accessor(({ node }) => node.index, {
    id: 'node',
    header: 'Node',
    sortFn: 'basic',
    cell: ({ row }) => <NodeBadge node={row.original.node} />,
  }),
  helper.accessor('calls', {
    header: 'Calls',
    sortFn: 'basic',
    sortDescFirst: true,
    cell: ({ getValue }) => formatCount(getValue()),
  }),
  helper.accessor('failures', {
    header: 'Errors',
    sortFn: 'basic',
    sortDescFirst: true,
    cell: ({ getValue }) =>
      getValue() === 0 ? (
        <span className="dim">0</span>
      ) : (
        <span className="status error">{formatCount(getValue())}</span>
      ),
  }),
  helper.accessor('retries', {
    header: 'Retries',
    sortFn: 'basic',
    sortDescFirst: true,
    cell: ({ getValue }) => (getValue() === 0 ? <span className="dim">0</span> : <RetryMark count={getValue()} />),
  }),
  time('p50', 'p50'),
  time('p95', 'p95'),
  time('p99', 'p99'),
  time('max', 'Max'),
  helper.display({
    id: 'distribution',
    header: 'Distribution',
    cell: ({ row }) => <Distribution histogram={row.original.record.durations} />,
  }),
]);
