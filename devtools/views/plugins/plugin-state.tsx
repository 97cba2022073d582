import type { ReactElement } from 'react';
import type { PluginRow } from '../../model/plugin-row.js';
import { Icon } from '../../ui/icons.js';

/** How the marks of plugins are drawn: with the colours and pictures of the statuses of events. */
const marks = {
  installing: 'pending',
  active: 'ok',
  uninstalling: 'pending',
  failed: 'error',
  uninstalled: 'unheard',
} as const;

/** Whether a plugin is there: a glyph, a colour and a word. */
export function PluginState({ state }: { readonly state: PluginRow['state'] }): ReactElement {
  return (
    <span className={`status ${marks[state]}`}>
      <Icon name={marks[state]} size={12} />
      <span>{state}</span>
    </span>
  );
}
