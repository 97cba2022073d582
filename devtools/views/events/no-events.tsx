import type { ReactElement } from 'react';
import type { Snapshot } from '../../model/session.js';

/** Why the list is empty, and what could be done. */
export function NoEvents({ snapshot }: { readonly snapshot: Snapshot }): ReactElement {
  const { head, tail, searching, paused } = snapshot;
  if (searching) {
    return (
      <div className="empty" role="status">
        <h3>Searching…</h3>
      </div>
    );
  }
  if (head > tail) {
    return (
      <div className="empty" role="status">
        <h3>No event passes the filter</h3>
        <p>
          Words look at type, source and data. Try <code>type:cart.**</code>, <code>status:error</code>,{' '}
          <code>source:web</code>, <code>dur:&gt;50</code>, or <code>-</code> before any of them.
        </p>
      </div>
    );
  }
  return (
    <div className="empty" role="status">
      <h3>{paused ? 'Recording is paused' : 'Listening'}</h3>
      <p>
        {paused
          ? 'Events are counted but not kept until you resume.'
          : 'Events appear here as soon as the bus emits one, here or on a node it is connected to.'}
      </p>
    </div>
  );
}
