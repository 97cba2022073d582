import { type ReactElement, useEffect, useReducer } from 'react';
import type { Recorder } from '../model/recorder.js';
import { formatCount } from '../ui/format.js';
import { Icon } from '../ui/icons.js';

interface LauncherProps {
  readonly recorder: Recorder;
  readonly onOpen: () => void;
}

/** The closed panel: a button that says how much there is to see, once a second, as it must cost next to nothing. */
export function Launcher({ recorder, onOpen }: LauncherProps): ReactElement {
  const [, look] = useReducer((looks: number) => looks + 1, 0);
  useEffect(() => {
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, []);
  const { local, arrived, failures } = recorder.traffic;
  return (
    <button type="button" className="launcher" aria-label="Open Crosstown devtools" onClick={onOpen}>
      <Icon name="logo" size={16} />
      <span>{formatCount(local + arrived)}</span>
      {failures > 0 && <span className="badge error">{formatCount(failures)} failed</span>}
    </button>
  );
}
