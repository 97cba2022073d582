import type { ReactElement, ReactNode } from 'react';
import type { HandlerRecord } from '../../model/handler-book.js';
import { errorSentence, ownValue } from '../../model/payload/safe-read.js';
import type { PluginRow } from '../../model/plugin-row.js';
import type { Refusal } from '../../model/refusals.js';
import { formatClock, formatCount } from '../../ui/format.js';
import { IconButton } from '../../ui/icon-button.js';
import { PayloadTree } from '../detail/payload-tree.js';
import { PermissionList } from './permission-text.js';
import { PluginState } from './plugin-state.js';
import { type Question, RefusalList } from './refusal-list.js';

/** Handlers shown at most. */
const MOST_HANDLERS = 200;

interface PluginDetailProps {
  readonly row: PluginRow;
  readonly handlers: readonly HandlerRecord[];
  readonly refusals: readonly Refusal[];
  /** Names of the plugins that depend on it. */
  readonly neededBy: readonly string[];
  /** In pixels; undefined where the detail covers the view. */
  readonly width: number | undefined;
  readonly onSelect: (name: string) => void;
  readonly onAsk: (question: Question) => void;
  readonly onClose: () => void;
}

/** Everything that is known of one plugin. */
export function PluginDetail(props: PluginDetailProps): ReactElement {
  const { row, handlers, refusals, neededBy, width, onSelect, onAsk, onClose } = props;
  const { name, info, state, error, endedAt } = row;
  const live = handlers.filter((one) => one.live > 0);
  return (
    <aside
      className="detail plugin-detail"
      aria-label="Plugin"
      style={{ width }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="detail-head">
        <div className="detail-title">
          <h2>
            <span className="mono">{name}</span>
          </h2>
          <div className="detail-line">
            <PluginState state={state} />
            {info.version !== undefined && <span>version {info.version}</span>}
            {endedAt !== undefined && <span>{formatClock(endedAt)}</span>}
          </div>
        </div>
        <IconButton icon="close" label="Close the plugin" onClick={onClose} />
      </div>
      <div className="detail-body scroll" role="region" aria-label="About the plugin" tabIndex={0}>
        {error !== undefined && (
          <section>
            <h3>{state === 'active' ? 'Why it could not be replaced' : 'Why it is not there'}</h3>
            <p>{errorSentence(error)}</p>
            <Cause error={error} />
          </section>
        )}
        <section>
          <h3>Permissions</h3>
          <PermissionList permissions={info.permissions} />
        </section>
        <Related title="Depends on" names={info.dependsOn} onSelect={onSelect} />
        <Related title="Needed by" names={neededBy} onSelect={onSelect} />
        <section>
          <h3>
            Handlers <span className="dim">{formatCount(row.handlers)}</span>
          </h3>
          <ul className="runs">
            {live.slice(0, MOST_HANDLERS).map((handler) => (
              <HandlerLine key={handler.index} handler={handler} />
            ))}
            {live.length > MOST_HANDLERS && <li className="dim">and {live.length - MOST_HANDLERS} more</li>}
          </ul>
          {live.length === 0 && <p className="dim">None.</p>}
        </section>
        <section>
          <h3>
            Refusals <span className="dim">{formatCount(row.refused)}</span>
          </h3>
          {refusals.length === 0 ? (
            <p className="dim">Nothing was refused to it.</p>
          ) : (
            <RefusalList label={`Refusals of ${name}`} lines={refusals} onAsk={onAsk} />
          )}
        </section>
      </div>
    </aside>
  );
}

/** What a plugin itself has thrown: the error about it is the bus's. */
function Cause({ error }: { readonly error: unknown }): ReactNode {
  const cause = typeof error === 'object' && error !== null ? ownValue(error, 'cause') : undefined;
  if (cause === undefined) return null;
  return (
    <div className="run-error plugin-cause">
      <PayloadTree value={cause} isOpen={false} />
    </div>
  );
}

interface RelatedProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly onSelect: (name: string) => void;
}

function Related({ title, names, onSelect }: RelatedProps): ReactNode {
  if (names.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <div className="plugin-names">
        {names.map((name) => (
          <button key={name} type="button" className="button outlined small mono" onClick={() => onSelect(name)}>
            {name}
          </button>
        ))}
      </div>
    </section>
  );
}

function HandlerLine({ handler }: { readonly handler: HandlerRecord }): ReactElement {
  const { name, patterns, priority, live, calls, failures } = handler;
  const pattern = patterns.join(' ');
  return (
    <li className="run">
      <div className="run-line">
        <span className="run-name mono">{name}</span>
        {live > 1 && <span className="badge">{formatCount(live)} subscriptions</span>}
        <span className="run-time dim">
          {formatCount(calls)} {calls === 1 ? 'call' : 'calls'}
          {failures > 0 && (
            <>
              , <span className="status error">{formatCount(failures)} failed</span>
            </>
          )}
        </span>
      </div>
      <div className="run-sub mono dim" title={patterns.join('\n')}>
        {pattern !== name && pattern}
        {priority !== 0 && `${pattern === name ? '' : ' · '}priority ${priority}`}
      </div>
    </li>
  );
}
