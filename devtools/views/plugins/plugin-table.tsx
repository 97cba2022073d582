import type { KeyboardEvent, ReactElement } from 'react';
import { errorSentence } from '../../model/payload/safe-read.js';
import type { PluginRow } from '../../model/plugin-row.js';
import { formatCount } from '../../ui/format.js';
import { PermissionText } from './permission-text.js';
import { PluginState } from './plugin-state.js';

const columns = ['Plugin', 'State', 'Needs', 'May', 'Handlers', 'Emitted', 'Calls', 'Errors', 'Refused'] as const;
const titles: Partial<Record<(typeof columns)[number], string>> = {
  Needs: 'The plugins it depends on',
  May: 'Its permissions; its host, or a protected type, may allow it less',
  Emitted: 'Its events that are in the list',
  Refused: 'What it wanted to do and may not',
};

interface PluginTableProps {
  readonly rows: readonly PluginRow[];
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
  /** Shows the events that pass a filter. */
  readonly onFilter: (filter: string) => void;
}

/** A line for each plugin; arrows, or j and k, go along the lines, Escape closes the one that is open. */
export function PluginTable({ rows, selected, onSelect, onFilter }: PluginTableProps): ReactElement {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (event.key === 'Escape') onSelect(undefined);
    else if (step !== undefined) {
      const at = rows.findIndex(({ name }) => name === selected);
      const to = Math.min(Math.max(at + step, 0), rows.length - 1);
      onSelect(rows[to]?.name);
      event.currentTarget.querySelectorAll<HTMLElement>('.plugin-link')[to]?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <div className="plugin-pane handlers scroll" role="region" aria-label="Plugins" tabIndex={0} onKeyDown={onKeyDown}>
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" className={`col-${name.toLowerCase()}`} title={titles[name]}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PluginLine
              key={row.name}
              row={row}
              isSelected={row.name === selected}
              onSelect={onSelect}
              onFilter={onFilter}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PluginLineProps extends Pick<PluginTableProps, 'onSelect' | 'onFilter'> {
  readonly row: PluginRow;
  readonly isSelected: boolean;
}

function PluginLine({ row, isSelected, onSelect, onFilter }: PluginLineProps): ReactElement {
  const { name, info, state, error, emitted } = row;
  const isThere = state !== 'failed' && state !== 'uninstalled';
  return (
    <tr className={isThere ? 'plugin' : 'plugin past'} data-selected={isSelected || undefined}>
      <td className="col-plugin">
        <button
          type="button"
          className="handler-link plugin-link"
          aria-expanded={isSelected}
          onClick={() => onSelect(isSelected ? undefined : name)}
        >
          <span className="mono">{name}</span>
        </button>
        {info.version !== undefined && <span className="dim"> {info.version}</span>}
      </td>
      <td className="col-state">
        <PluginState state={state} />
      </td>
      <td className="col-needs mono dim" title={info.dependsOn.join('\n')}>
        {info.dependsOn.join(', ')}
      </td>
      <td className="col-may">
        {error === undefined ? (
          <PermissionText permissions={info.permissions} />
        ) : (
          <span className="plugin-error" title={errorSentence(error)}>
            {errorSentence(error)}
          </span>
        )}
      </td>
      <td className="col-handlers">{formatCount(row.handlers)}</td>
      <td className="col-emitted">
        {emitted === 0 ? (
          <span className="dim">0</span>
        ) : (
          <button
            type="button"
            className="handler-link"
            title="Show its events"
            onClick={() => onFilter(`source:${name}`)}
          >
            {formatCount(emitted)}
          </button>
        )}
      </td>
      <td className="col-calls">{formatCount(row.calls)}</td>
      <td className="col-errors">
        <Trouble count={row.failures} tone="error" />
      </td>
      <td className="col-refused">
        <Trouble count={row.refused} tone="dropped" />
      </td>
    </tr>
  );
}

/** A number that is only worth a colour when there is something. */
function Trouble({ count, tone }: { readonly count: number; readonly tone: 'error' | 'dropped' }): ReactElement {
  return <span className={count === 0 ? 'dim' : `status ${tone}`}>{formatCount(count)}</span>;
}
