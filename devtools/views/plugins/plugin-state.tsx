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

/** How many handlers a plugin has; `+` where there may be more that were never called. */
export function HandlerCount({ row: { handlers, isOlder } }: { readonly row: PluginRow }): ReactElement {
  if (!isOlder) return <>{handlers}</>;
  return (
    <span title="It was installed before the panel looked: what it had subscribed by then shows with its first call">
      {handlers}
      <span aria-hidden="true">+</span>
      <span className="visually-hidden"> or more</span>
    </span>
  );
}
