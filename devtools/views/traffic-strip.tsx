import { type ReactElement, useEffect, useState } from 'react';
import type { Recorder } from '../model/recorder.js';
import type { Session } from '../model/session.js';
import { formatCount } from '../ui/format.js';
import { useSnapshot } from './use-session.js';

/** How much there was and is, and what went wrong. */
export function TrafficStrip({ session }: { readonly session: Session }): ReactElement {
  const { total, failures, evicted, refused, discarded, lost, untold } = useSnapshot(session);
  return (
    <div className="traffic">
      <Rate recorder={session.recorder} />
      <span title="Events since the panel began or was cleared">{formatCount(total)} events</span>
      {evicted > 0 && (
        <span className="dim" title="Older events made room for newer ones; statistics keep them">
          {formatCount(evicted)} evicted
        </span>
      )}
      {failures > 0 && <span className="badge error">{formatCount(failures)} failed</span>}
      {refused > 0 && (
        <span className="badge warn" title="Records from outside that were not taken">
          {formatCount(refused)} refused
        </span>
      )}
      {discarded > 0 && (
        <span className="badge warn" title="Events that the bus, a handler or a stream had no room for">
          {formatCount(discarded)} discarded
        </span>
      )}
      {lost > 0 && (
        <span className="badge warn" title="Records of other nodes that were sent and never came">
          {formatCount(lost)} lost
        </span>
      )}
      {untold > 0 && (
        <span className="badge warn" title="Handler runs of other nodes that were too many to be told">
          {formatCount(untold)} untold
        </span>
      )}
    </div>
  );
}

const WIDTH = 60;
const HEIGHT = 16;

/** Events in the last whole second, and in each of the last sixty as a line. */
function Rate({ recorder }: { readonly recorder: Recorder }): ReactElement {
  const [seconds, setSeconds] = useState<readonly number[]>(() => recorder.traffic.perSecond(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setSeconds(recorder.traffic.perSecond(Date.now())), 1000);
    return () => clearInterval(timer);
  }, [recorder]);
  const whole = seconds.slice(0, -1);
  const most = Math.max(1, ...whole);
  const points = whole.map(
    (count, i) => `${(i * WIDTH) / (whole.length - 1)},${HEIGHT - 1 - (count / most) * (HEIGHT - 2)}`,
  );
  return (
    <span className="rate" title="Events in each of the last 60 seconds">
      <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
        <polyline points={points.join(' ')} />
      </svg>
      {formatCount(whole.at(-1) ?? 0)}/s
    </span>
  );
}
