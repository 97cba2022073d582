import type { ReactElement } from 'react';
import { type EventTable, greedyColumn } from './use-event-table.js';

/** The names of the columns, and handles to size them; a double click gives a column its first size back. */
export function EventHeader({ table }: { readonly table: EventTable }): ReactElement {
  const greedy = greedyColumn(table);
  const last = table.getVisibleLeafColumns().length - 1;
  return (
    <div role="rowgroup" className="grid-header">
      {table.getHeaderGroups().map((group) => (
        <div key={group.id} role="row" aria-rowindex={1} className="header-line">
          {group.headers.map((header) => {
            const resize = header.getResizeHandler();
            return (
              <div key={header.id} role="columnheader" className={`cell col-${header.column.id}`}>
                <span className="header-text">
                  <table.FlexRender header={header} />
                </span>
                {header.id !== greedy && header.index < last && (
                  <span
                    className="resizer"
                    aria-hidden="true"
                    onMouseDown={resize}
                    onTouchStart={resize}
                    onDoubleClick={() => header.column.resetSize()}
                  />
                )}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}
