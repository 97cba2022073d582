import { Fragment, type ReactElement, type ReactNode } from 'react';
import type { EventFacts, EventRow } from '../../model/event-row.js';
import { NodeBadge } from '../../ui/badges.js';
import { formatDuration } from '../../ui/format.js';

interface EventFactListProps {
  readonly row: EventRow;
  /** Undefined once the event was evicted. */
  readonly facts: EventFacts | undefined;
}

/** The fields of the envelope, and what stores and transports did with the event. */
export function EventFactList({ row, facts }: EventFactListProps): ReactElement {
  const { event } = row;
  const lines: readonly (readonly [string, ReactNode])[] = [
    ['id', event?.id],
    ['correlation', event === undefined || event.correlationId === event.id ? undefined : event.correlationId],
    ['cause', event?.causationId],
    ['time', event && new Date(event.timestamp).toISOString()],
    ['source', row.source || undefined],
    ['node', <NodeBadge key="node" node={row.node} />],
    ['priority', event?.priority || undefined],
    ['request', facts?.isRequest === true ? 'waits for an answer' : undefined],
    ['replayed', event?.metadata['replayed'] === true ? 'it was handled before' : undefined],
    ['expires after', facts?.ttlMs === undefined ? undefined : formatDuration(facts.ttlMs)],
    ['arrived over', facts?.transport || undefined],
    [
      'sent over',
      facts && facts.sentOver > 0 ? `${facts.sentOver} transport${facts.sentOver > 1 ? 's' : ''}` : undefined,
    ],
    ['store offset', facts?.offset],
    ['dropped', facts?.reason || undefined],
    ['vetoed by', facts?.vetoer || undefined],
    ['cancelled by', facts?.canceller?.name],
    ['cancel reason', event?.cancelReason],
  ];
  return (
    <dl className="facts">
      {lines.map(
        ([name, value]) =>
          value !== undefined && (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd className="mono">{value}</dd>
            </Fragment>
          ),
      )}
    </dl>
  );
}
