import { useTable } from '@tanstack/react-table';
import { type ReactElement, useMemo, useState } from 'react';
import type { Recorder } from '../../model/recorder.js';
import type { Session } from '../../model/session.js';
import { Icon } from '../../ui/icons.js';
import { useSlowVersion } from '../use-session.js';
import { type HandlerRow, handlerColumns, handlerFeatures, handlerRow } from './handler-columns.js';

/** Lines shown at most: nobody reads further, and the first by any column are the ones asked for. */
const MOST_LINES = 300;

interface HandlersViewProps {
  readonly session: Session;
  /** Shows the events that pass a filter. */
  readonly onFilter: (filter: string) => void;
}

/** What every handler has done since the panel began, whatever was evicted from the list since. */
export function HandlersView({ session, onFilter }: HandlersViewProps): ReactElement {
  const version = useSlowVersion(session);
  const { recorder } = session;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the recorder has taken in.
  const data = useMemo(() => handlerRows(recorder), [recorder, version]);
  const hasScopes = data.some(({ scope }) => scope !== '');
  const [sorting, setSorting] = useState([{ id: 'calls', desc: true }]);
  const table = useTable({
    features: handlerFeatures,
    columns: handlerColumns,
    data,
    getRowId: ({ record }) => String(record.index),
    state: { sorting },
    onSortingChange: setSorting,
    enableSortingRemoval: false,
  });
  const { rows } = table.getRowModel();

  if (data.length === 0) {
    return (
      <div className="empty">
        <h3>No handler has run yet</h3>
        <p>Handlers appear here with their first call, those of other nodes once they tell.</p>
      </div>
    );
  }
  return (
    <div
      className="handlers scroll"
      data-unscoped={!hasScopes || undefined}
      role="region"
      aria-label="Handlers"
      tabIndex={0}
    >
      <table>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map(({ id, column }) => (
                <th key={id} className={`col-${id}`} scope="col" aria-sort={ariaSort(column.getIsSorted())}>
                  {column.getCanSort() ? (
                    <button type="button" onClick={() => column.toggleSorting()}>
                      {String(column.columnDef.header)}
                      <SortMark sorted={column.getIsSorted()} />
                    </button>
                  ) : (
                    String(column.columnDef.header)
                  )}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {rows.slice(0, MOST_LINES).map((row) => (
            <tr key={row.id} className={row.original.failures > 0 ? 'has-failures' : undefined}>
              {row.getAllCells().map((cell) => (
                <td key={cell.column.id} className={`col-${cell.column.id}`}>
                  {cell.column.id === 'name' ? (
                    <button
                      type="button"
                      className="handler-link"
                      title="Show the events it is called for"
                      onClick={() => onFilter(eventsOf(row.original))}
                    >
                      <table.FlexRender cell={cell} />
                    </button>
                  ) : (
                    <table.FlexRender cell={cell} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_LINES && <p className="dim more-handlers">and {rows.length - MOST_LINES} more</p>}
    </div>
  );
}

function handlerRows({ handlers, nodes }: Recorder): HandlerRow[] {
  const isKnown = ({ calls, failures, running, subscribed, unsubscribed }: (typeof handlers.all)[number]): boolean =>
    calls + failures + running > 0 || subscribed > unsubscribed;
  return handlers.all.filter(isKnown).map((record) => handlerRow(record, nodes.at(record.node)));
}

function eventsOf({ record }: HandlerRow): string {
  return record.patterns.length === 0 ? '' : `type:${record.patterns.join(',')}`;
}

function ariaSort(sorted: false | 'asc' | 'desc'): 'ascending' | 'descending' | undefined {
  return sorted === false ? undefined : sorted === 'asc' ? 'ascending' : 'descending';
}

function SortMark({ sorted }: { readonly sorted: false | 'asc' | 'desc' }): ReactElement {
  return <span className={`sort ${sorted || 'none'}`}>{sorted !== false && <Icon name="down" size={10} />}</span>;
}
