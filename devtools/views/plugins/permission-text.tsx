import { Fragment, type ReactElement } from 'react';
import type { Permissions, ScopeAction } from '../../../core/index.js';

/** Kinds of calls, in the order in which they are shown. */
export const actions: readonly ScopeAction[] = ['emit', 'on', 'request', 'respond', 'use'];

/** The patterns that a kind of call is allowed for. */
function patternsOf(permissions: Permissions, action: ScopeAction): readonly string[] {
  const patterns = permissions[action] ?? [];
  return typeof patterns === 'string' ? [patterns] : patterns;
}

interface PermissionProps {
  /** Undefined when that is everything. */
  readonly permissions: Permissions | undefined;
}

/** What a plugin may do, in one line. */
export function PermissionText({ permissions }: PermissionProps): ReactElement {
  if (permissions === undefined) return <span className="dim">everything</span>;
  const parts = actions
    .map((action) => [action, patternsOf(permissions, action).join(', ')] as const)
    .filter(([, patterns]) => patterns !== '');
  if (parts.length === 0) return <span className="dim">nothing</span>;
  return (
    <span title={parts.map((part) => part.join(' ')).join('\n')}>
      {parts.map(([action, patterns], at) => (
        <Fragment key={action}>
          {at > 0 && <span className="dim"> · </span>}
          <span className="dim">{action}</span> <span className="mono">{patterns}</span>
        </Fragment>
      ))}
    </span>
  );
}

/** What a plugin may do, a line for each kind of call. */
export function PermissionList({ permissions }: PermissionProps): ReactElement {
  if (permissions === undefined) return <p>Everything: no permissions speak of it.</p>;
  return (
    <dl className="facts">
      {actions.map((action) => {
        const patterns = patternsOf(permissions, action);
        return (
          <Fragment key={action}>
            <dt>{action}</dt>
            <dd>
              {patterns.length === 0 ? (
                <span className="dim">nothing</span>
              ) : (
                patterns.map((pattern) => (
                  <code key={pattern} className="pattern mono">
                    {pattern}
                  </code>
                ))
              )}
            </dd>
          </Fragment>
        );
      })}
    </dl>
  );
}
