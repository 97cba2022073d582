import { type ReactElement, useRef } from 'react';
import { type EventRow, readFacts, readRow, readRuns } from '../../model/event-row.js';
import { toJson } from '../../model/payload/to-json.js';
import type { Session } from '../../model/session.js';
import { StatusBadge, TypeName } from '../../ui/badges.js';
import { CopyButton } from '../../ui/copy-button.js';
import { formatClock, formatDuration } from '../../ui/format.js';
import { IconButton } from '../../ui/icon-button.js';
import { Icon } from '../../ui/icons.js';
import { useSnapshot } from '../use-session.js';
import { EventFactList } from './event-fact-list.js';
import { PayloadTree } from './payload-tree.js';
import { RelatedEvents } from './related-events.js';
import { byHandler, RunList } from './run-list.js';

interface EventDetailProps {
  readonly session: Session;
  readonly sequence: number;
  /** In pixels; undefined where the detail covers the view. */
  readonly width: number | undefined;
  readonly onSelect: (sequence: number) => void;
  /** Shows the chain of the event; undefined where it is shown already. */
  readonly onTrace: (() => void) | undefined;
  readonly onClose: () => void;
}

/** Everything that is known of one event; it stays when the event is evicted from the log. */
export function EventDetail(props: EventDetailProps): ReactElement {
  const { session, sequence, width, onTrace, onClose } = props;
  useSnapshot(session);
  const { recorder } = session;
  const kept = useRef<EventRow | undefined>(undefined);
  const row = readRow(recorder, sequence);
  if (row !== undefined) kept.current = row;
  const shown = row ?? kept.current;

  return (
    <aside
      className="detail"
      aria-label="Event"
      style={{ width }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      {shown === undefined ? (
        <div className="detail-head">
          <span className="dim detail-title">This event is no longer kept</span>
          <IconButton icon="close" label="Close the event" onClick={onClose} />
        </div>
      ) : (
        <>
          <div className="detail-head">
            <div className="detail-title">
              <h2>
                <TypeName type={shown.type} />
              </h2>
              <div className="detail-line">
                <StatusBadge status={shown.status} />
                <span>{formatClock(shown.at)}</span>
                {shown.durationMs !== undefined && <span>{formatDuration(shown.durationMs)}</span>}
                {row === undefined && <span className="badge">evicted from the list</span>}
              </div>
            </div>
            <IconButton icon="close" label="Close the event" onClick={onClose} />
          </div>
          <div className="detail-actions">
            {onTrace !== undefined && shown.event !== undefined && (
              <button type="button" className="button outlined small" onClick={onTrace}>
                <Icon name="trace" size={12} />
                Trace
              </button>
            )}
            {shown.event !== undefined && <CopyButton label="Copy as JSON" text={() => jsonOf(shown)} />}
          </div>
          <Sections {...props} row={shown} isKept={row !== undefined} />
        </>
      )}
    </aside>
  );
}

function Sections({
  session,
  onSelect,
  row,
  isKept,
}: EventDetailProps & { row: EventRow; isKept: boolean }): ReactElement {
  const { recorder } = session;
  const { event, sequence } = row;
  const handlers = isKept ? byHandler(readRuns(recorder, sequence)) : [];
  return (
    <div className="detail-body scroll" role="region" aria-label="About the event" tabIndex={0}>
      {event !== undefined && (
        <section>
          <h3>
            Data
            <span
              className="badge"
              title="The data is kept by reference and shown as it is now; it may have changed since the event."
            >
              live reference
            </span>
          </h3>
          <PayloadTree value={event.data} />
        </section>
      )}
      {isKept && (
        <section>
          <h3>
            Handlers <span className="dim">{handlers.length}</span>
          </h3>
          <RunList recorder={recorder} sequence={sequence} handlers={handlers} start={row.at} />
        </section>
      )}
      {event !== undefined && <RelatedEvents recorder={recorder} event={event} onSelect={onSelect} />}
      <section>
        <h3>Envelope</h3>
        <EventFactList row={row} facts={isKept ? readFacts(recorder, sequence) : undefined} />
      </section>
      {event !== undefined && Reflect.ownKeys(event.metadata).length > 0 && (
        <section>
          <h3>Metadata</h3>
          <PayloadTree value={event.metadata} />
        </section>
      )}
    </div>
  );
}

function jsonOf({ event }: EventRow): string {
  if (event === undefined) return '';
  const { id, type, timestamp, source, correlationId, causationId, priority, metadata, data } = event;
  return toJson({ id, type, timestamp, source, correlationId, causationId, priority, metadata, data });
}
