import type { ReactElement } from 'react';
import { Menu } from '../../ui/menu.js';
import { eventColumns } from './event-columns.js';
import type { ColumnState } from './use-column-state.js';

/** Which columns are shown. */
export function ColumnMenu({ columns }: { readonly columns: ColumnState }): ReactElement {
  const { visibility, setVisibility } = columns;
  return (
    <Menu label="Columns" icon="columns" align="end">
      {() =>
        eventColumns.map(({ id = '', header }) => (
          <label key={id} className="menu-item">
            <input
              type="checkbox"
              checked={visibility[id] !== false}
              // The list has to be told apart by something.
              disabled={id === 'type'}
              onChange={({ target }) => setVisibility({ ...visibility, [id]: target.checked })}
            />
            {String(header)}
          </label>
        ))
      }
    </Menu>
  );
}
