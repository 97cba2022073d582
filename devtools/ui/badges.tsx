import type { CSSProperties, ReactElement } from 'react';
import { STORE_NODE } from '../model/history.js';
import type { PanelNode } from '../model/nodes.js';
import type { StatusName } from '../model/status.js';
import { Icon } from './icons.js';

const NODE_COLORS = 6;

/** What became of an event: a glyph, a colour and a word, so that none of them has to be told apart alone. */
export function StatusBadge({ status }: { readonly status: StatusName }): ReactElement {
  return (
    <span className={`status ${status}`}>
      <Icon name={status} size={12} />
      <span className="status-word">{status}</span>
    </span>
  );
}

/** Calls that were made again. */
export function RetryMark({ count }: { readonly count: number }): ReactElement {
  const words = `${count} ${count === 1 ? 'call was' : 'calls were'} made again`;
  return (
    <span className="mark-badge" title={words}>
      <Icon name="retry" size={10} />
      <span aria-hidden="true">{count}</span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}

/** Dead letters that are still there. */
export function LetterMark({ count }: { readonly count: number }): ReactElement {
  const words = count === 1 ? 'left a dead letter' : `left ${count} dead letters`;
  return (
    <span className="mark-badge error" title={words}>
      <Icon name="letter" size={12} />
      <span className="visually-hidden">{words}</span>
    </span>
  );
}

export function nodeColor(index: number): string {
  return `var(--node-${index % NODE_COLORS})`;
}

/** What a node is called: its source, and the end of its id where several have the same. */
export function nodeName(node: PanelNode): string {
  if (node.index === 0) return node.realm === undefined || node.realm === 'tab' ? 'this tab' : `this ${node.realm}`;
  if (node.id === STORE_NODE) return 'store';
  return `${node.source || 'node'} ${node.id.slice(-4)}`;
}

export function NodeBadge({ node }: { readonly node: PanelNode }): ReactElement {
  const style = { '--node': nodeColor(node.index) } as CSSProperties;
  const title = [node.source, node.realm, node.id, node.hasLeft ? 'has left' : undefined].filter(Boolean).join(' · ');
  return (
    <span className="node" style={style} title={title}>
      <span className="ellipsis">{nodeName(node)}</span>
    </span>
  );
}

/** An event type, its last segment clearest: neighbours in a list mostly share the others. */
export function TypeName({ type }: { readonly type: string }): ReactElement {
  const dot = type.lastIndexOf('.') + 1;
  return (
    <span className="mono type-name">
      <span className="dim">{type.slice(0, dot)}</span>
      {type.slice(dot)}
    </span>
  );
}

/** The plugin, or other scope, that has subscribed a handler. */
export function ScopeBadge({ scope }: { readonly scope: string }): ReactElement {
  return (
    <span className="badge scope mono" title="Subscribed by this plugin or scope">
      {scope}
    </span>
  );
}
