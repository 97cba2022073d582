import type { ReactElement } from 'react';
import type { Session, Snapshot } from '../../model/session.js';
import { formatCount } from '../../ui/format.js';
import { IconButton } from '../../ui/icon-button.js';
import { ColumnMenu } from './column-menu.js';
import { FacetMenu } from './facet-menu.js';
import { FilterField } from './filter-field.js';
import type { ColumnState } from './use-column-state.js';

interface EventsToolbarProps {
  readonly session: Session;
  readonly snapshot: Snapshot;
  readonly columns: ColumnState;
  readonly onPause: () => void;
  readonly onClear: () => void;
}

/** What is recorded and what of it is shown. */
export function EventsToolbar({ session, snapshot, columns, onPause, onClear }: EventsToolbarProps): ReactElement {
  const { paused, filter, problems, missed, matches, head, tail, searching } = snapshot;
  const kept = head - tail;
  return (
    <div className="toolbar" role="toolbar" aria-label="Events">
      <IconButton
        icon={paused ? 'resume' : 'pause'}
        label={paused ? 'Resume recording' : 'Pause recording'}
        pressed={paused}
        onClick={onPause}
      />
      <IconButton icon="clear" label="Clear" onClick={onClear} />
      <FilterField filter={filter} problems={problems} onChange={(next) => session.setFilter(next)} />
      <FacetMenu session={session} />
      <ColumnMenu columns={columns} />
      <span className="match-count dim">
        {searching ? 'searching… ' : ''}
        {matches === kept ? formatCount(kept) : `${formatCount(matches)} of ${formatCount(kept)}`}
      </span>
      {missed > 0 && (
        <span className="badge warn" title="Events that came by while recording was paused">
          {formatCount(missed)} not kept
        </span>
      )}
    </div>
  );
}
