import { type ReactElement, useState } from 'react';
import type { Session } from '../../model/session.js';
import { rowHeight } from '../row-height.js';
import { useSnapshot } from '../use-session.js';
import { EventList } from './event-list.js';
import { EventsToolbar } from './events-toolbar.js';
import { NoEvents } from './no-events.js';
import { useColumnState } from './use-column-state.js';

interface EventsViewProps {
  readonly session: Session;
  readonly isNarrow: boolean;
  readonly selected: number | undefined;
  readonly onSelect: (sequence: number) => void;
  readonly onOpen: (sequence: number) => void;
  readonly onClose: () => void;
}

/** The live list of events with its filter. */
export function EventsView(props: EventsViewProps): ReactElement {
  const { session, isNarrow } = props;
  const snapshot = useSnapshot(session);
  const { recorder } = session;
  const [clears, setClears] = useState(0);
  const columns = useColumnState(isNarrow);
  const onPause = (): void => {
    recorder.paused = !recorder.paused;
  };
  const onClear = (): void => {
    recorder.clear();
    setClears(clears + 1);
  };
  return (
    <>
      <EventsToolbar session={session} snapshot={snapshot} columns={columns} onPause={onPause} onClear={onClear} />
      {snapshot.matches === 0 ? (
        <NoEvents snapshot={snapshot} />
      ) : (
        // A new list begins at its end.
        <EventList
          key={`${clears} ${isNarrow} ${snapshot.filter}`}
          {...props}
          snapshot={snapshot}
          columns={columns}
          rowHeight={rowHeight(isNarrow)}
          onPause={onPause}
        />
      )}
    </>
  );
}
