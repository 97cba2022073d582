import { Fragment, type ReactElement, type ReactNode } from 'react';
import { type Mark, marks } from '../../model/filter/parse-filter.js';
import type { Recorder } from '../../model/recorder.js';
import type { Session } from '../../model/session.js';
import { statusNames } from '../../model/status.js';
import { NodeBadge, StatusBadge, TypeName } from '../../ui/badges.js';
import { formatCount } from '../../ui/format.js';
import { Icon } from '../../ui/icons.js';
import { Menu } from '../../ui/menu.js';

/** Types shown at most, the most frequent first. */
const MOST_TYPES = 12;
const STATUS = 'Status';
const markNames: Readonly<Record<Mark, string>> = { dead: 'dead letter', retried: 'retried' };

interface Facet {
  readonly key: string;
  readonly value: string;
  readonly label: ReactNode;
  readonly count: number | undefined;
}

/** What there is to filter by; a choice is added to the filter, or taken out of it again. */
export function FacetMenu({ session }: { readonly session: Session }): ReactElement {
  return (
    <Menu label="Filter by" icon="filter" align="end">
      {(close) =>
        facetGroups(session.recorder).map(({ title, facets }) => (
          <Fragment key={title}>
            <div className="menu-heading">{title}</div>
            <div className={title === STATUS ? 'menu-chips' : undefined}>
              {facets.map((facet) => (
                <button
                  key={facet.value}
                  type="button"
                  className={title === STATUS ? 'button outlined small' : 'menu-item'}
                  onClick={() => {
                    session.setFilter(withCondition(session.getSnapshot().filter, facet));
                    close();
                  }}
                >
                  {facet.label}
                  {facet.count !== undefined && <span className="count">{formatCount(facet.count)}</span>}
                </button>
              ))}
            </div>
          </Fragment>
        ))
      }
    </Menu>
  );
}

function MarkBadge({ mark }: { readonly mark: Mark }): ReactElement {
  return (
    <span className={mark === 'dead' ? 'status error' : 'status dropped'}>
      <Icon name={mark === 'dead' ? 'letter' : 'retry'} size={12} />
      {markNames[mark]}
    </span>
  );
}

/** The filter with a condition, in place of another one by the same key. */
function withCondition(filter: string, { key, value }: Facet): string {
  const written = /\s/.test(value) ? `${key}:"${value}"` : `${key}:${value}`;
  const others = filter.replace(new RegExp(`(^|\\s)${key}:("[^"]*"?|\\S*)`, 'g'), ' ').trim();
  return `${others} ${written}`.trim();
}

function facetGroups(recorder: Recorder): readonly { readonly title: string; readonly facets: readonly Facet[] }[] {
  const { types, sources, traffic, nodes } = recorder;
  const byCount = Array.from({ length: types.size }, (_, type): Facet => {
    const name = types.at(type);
    return { key: 'type', value: name, label: <TypeName type={name} />, count: traffic.ofType(type) };
  }).sort((a, b) => (b.count ?? 0) - (a.count ?? 0));
  const plain = (key: string, value: string, label: ReactNode = value): Facet => ({
    key,
    value,
    label,
    count: undefined,
  });
  const groups = [
    {
      title: STATUS,
      facets: [
        ...statusNames.map((name) => plain('status', name, <StatusBadge status={name} />)),
        ...marks.map((mark) => plain('is', mark, <MarkBadge mark={mark} />)),
      ],
    },
    { title: 'Most frequent types', facets: byCount.filter(({ count }) => count !== 0).slice(0, MOST_TYPES) },
    {
      title: 'Sources',
      facets: Array.from({ length: sources.size }, (_, i) => sources.at(i))
        .filter(Boolean)
        .slice(0, MOST_TYPES)
        .map((name) => plain('source', name)),
    },
    {
      title: 'Nodes',
      facets: nodes.all
        .slice(0, MOST_TYPES)
        .map((node) => plain('node', node.index === 0 ? 'this' : node.id, <NodeBadge node={node} />)),
    },
  ];
  return groups.filter(({ facets }) => facets.length > 0);
}
